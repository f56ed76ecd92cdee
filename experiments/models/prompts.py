"""Prompts and their concrete wordings, which never change: an edit is a new version."""

import hashlib

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse

from .one_at_a_time import wait_for_turn
from .tags import Tagged


class Prompt(Tagged):
    """A task's prompt, under which variants compete."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("prompt", args=[self.pk])


class WrittenMeanwhile(Exception):
    """Somebody stored a newer version than the one that was edited."""


class VariantQuerySet(models.QuerySet):
    def latest_versions(self):
        """The newest version of every variant."""
        newer = self.model.objects.filter(
            prompt=models.OuterRef("prompt"), name=models.OuterRef("name"), version__gt=models.OuterRef("version")
        )
        return self.filter(~models.Exists(newer))

    @transaction.atomic
    def write(self, prompt: Prompt, name: str, system: str, template: str, *, parent: "Variant | None" = None, author=None):
        """Store a wording as the next version of the variant `name`. The same wording again returns the version there is."""
        _wait_to_write(prompt.pk)
        last = self.filter(prompt=prompt, name=name).order_by("-version").first()
        if last is not None and (last.system, last.template) == (system, template):
            return last
        return self.create(
            prompt=prompt,
            name=name,
            version=last.version + 1 if last else 1,
            parent=parent or last,
            system=system,
            template=template,
            author=author,
            content_hash=Variant.hash_of(system, template),
        )

    def write_over(self, base: "Variant", system: str, template: str, author) -> "Variant":
        """As `write`, for texts that were typed over `base`. Raises WrittenMeanwhile unless that is the newest version."""
        try:
            with transaction.atomic():
                _wait_to_write(base.prompt_id)
                versions = self.filter(prompt=base.prompt_id, name=base.name)
                if versions.filter(version__gt=base.version).exists():
                    raise WrittenMeanwhile
                return self.write(base.prompt, base.name, system, template, parent=base, author=author)
        except IntegrityError:
            raise WrittenMeanwhile from None


def _wait_to_write(prompt_id: int) -> None:
    wait_for_turn(f"next version in prompt {prompt_id}")


class Variant(models.Model):
    """One concrete wording: a system text and a user template with `{{ slots }}`."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    system = models.TextField(blank=True)
    template = models.TextField()
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["prompt", "name", "-version"]
        constraints = [models.UniqueConstraint(fields=["prompt", "name", "version"], name="variant_version_once")]

    def __str__(self) -> str:
        return f"{self.prompt.name} / {self.name} v{self.version}"

    @staticmethod
    def hash_of(system: str, template: str) -> str:
        return hashlib.sha256(f"{len(system)}:{system}{template}".encode()).hexdigest()
