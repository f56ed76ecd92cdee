"""For how long a lab keeps what its numbers do not need, and which runs gave their texts away."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from .runs import Run


class RetentionRule(models.Model):
    """One kind of thing and after how many days it goes. What has no rule is kept for good."""

    class Subject(models.TextChoices):
        PROMPT_DRAFTS = "prompt_drafts", "Unsaved texts of the prompt editor"
        TRIALS = "trials", "Texts of the prompt editor's trials"
        TRACES = "traces", "Strategies' notes on archived runs' attempts"
        RUN_TEXTS = "run_texts", "Texts of archived runs' samples"
        LOGIN_LINKS = "login_links", "Login links that are used or expired"
        AUDIT_ENTRIES = "audit_entries", "Entries of the audit log"
        REQUEST_LOG = "request_log", "The log of requests to models"

    subject = models.CharField(max_length=20, choices=Subject.choices, unique=True)
    days = models.PositiveIntegerField(validators=[MinValueValidator(1)], help_text="What is older goes")
    archives_first = models.BooleanField(
        default=True, help_text="Texts are moved to a run archive before they leave the database"
    )
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, db_index=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["subject"]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}: {self.days} days"


class TextRemoval(models.Model):
    """A run whose texts the retention rules took. Its numbers, grades and costs are still there."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="text_removal", primary_key=True)
    n_samples = models.PositiveIntegerField(default=0, help_text="Whose texts are gone so far")
    archive = models.CharField(max_length=255, blank=True, help_text="File in the archive folder that has them; empty for none")
    began_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, help_text="When the last text was taken")

    def __str__(self) -> str:
        return f"texts of run {self.run_id}"
