"""Entries that can be asked."""

from django.db import models
from django.urls import reverse

from .exact import ExactJSONField


class LanguageModel(models.Model):
    """A local GGUF file or a remote endpoint: a backend by name and its options."""

    name = models.CharField(max_length=200, unique=True)
    backend = models.CharField(max_length=50)
    params = ExactJSONField(default=dict)
    n_parameters = models.BigIntegerField(null=True, blank=True, help_text="Weights, for FLOPs")
    truth = ExactJSONField(null=True, blank=True, help_text="What the truth test found the endpoint to honour")
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("language_model", args=[self.pk])
