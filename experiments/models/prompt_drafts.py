"""What a person has typed over a wording and not saved yet, so that a closed tab loses nothing."""

from django.conf import settings
from django.db import models

from .prompts import Prompt, Variant


class PromptDraftQuerySet(models.QuerySet):
    def over(self, prompt: Prompt, user):
        """The person's drafts over any version of the prompt's variants, the newest first."""
        return self.filter(base__prompt=prompt, user=user).select_related("base").order_by("-saved_at")

    def keep(self, base: Variant, user, system: str, template: str) -> "PromptDraft | None":
        """Store what was typed over `base`, as the one draft of its variant; texts as they were in `base` are none."""
        self.discard(base, user)
        if (system, template) == (base.system, base.template):
            return None
        fields = {"system": system, "template": template}
        return self.update_or_create(base=base, user=user, defaults=fields)[0]

    def discard(self, base: Variant, user) -> None:
        """Forget what the person typed over any version of the variant of `base`."""
        self.filter(base__prompt=base.prompt_id, base__name=base.name, user=user).delete()


class PromptDraft(models.Model):
    """One person's unsaved texts of one variant, with the version that they were typed over."""

    base = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prompt_drafts")
    system = models.TextField(blank=True)
    template = models.TextField(blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    objects = PromptDraftQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["base", "user"], name="prompt_draft_once")]

    def __str__(self) -> str:
        return f"draft over {self.base}"
