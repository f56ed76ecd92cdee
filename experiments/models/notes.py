"""What people wrote beside a run."""

from django.conf import settings
from django.db import models

from .runs import Run


class NoteManager(models.Manager):
    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().select_related("author")


class Note(models.Model):
    """A remark about a run: who, when, what."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = NoteManager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"note on {self.run}"
