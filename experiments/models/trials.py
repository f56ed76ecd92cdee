"""Trials of the prompt editor: one sample of one wording, drawn by a worker and belonging to no run."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .datasets import Problem
from .exact import ExactJSONField, ExactTextField
from .language_models import LanguageModel
from .workers import Worker

#: Trials that cost nothing are forgotten when their author asks for another one after this.
KEPT_FOR = timedelta(hours=1)


class TrialQuerySet(models.QuerySet):
    def open(self):
        """Those that wait for a worker or are under way."""
        return self.filter(state__in=[Trial.State.QUEUED, Trial.State.RUNNING])

    def request(self, entry: LanguageModel, user, **fields) -> "Trial":
        """Ask the workers for one sample; `fields` are those of the trial that say what is sent and how it is marked."""
        old = self.filter(requested_by=user, cost=0, created_at__lt=Now() - KEPT_FOR)
        old.exclude(pk__in=self.open().values("pk")).delete()
        return self.create(language_model=entry, backend=entry.backend, params=entry.params, requested_by=user, **fields)

    def claim(self, worker_id: int) -> "Trial | None":
        """Take the oldest that waits; None if there is none or another worker won."""
        trial = self.filter(state=Trial.State.QUEUED).order_by("pk").first()
        fields = {"state": Trial.State.RUNNING, "worker_id": worker_id}
        if trial is None or not self.filter(pk=trial.pk, state=Trial.State.QUEUED).update(**fields):
            return None
        return self.select_related("language_model", "problem").get(pk=trial.pk)

    def give_up(self, worker_id: int) -> int:
        """End those of a worker that stopped, died or lost them."""
        held = self.filter(worker=worker_id, state=Trial.State.RUNNING)
        return held.update(
            state=Trial.State.FAILED, reason="Its worker stopped meanwhile or lost its connection. Try again.", finished_at=Now()
        )


class Trial(models.Model):
    """One trial, as the model was set up and the prompt read when it was asked for."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Stopped"

    language_model = models.ForeignKey(LanguageModel, on_delete=models.CASCADE, related_name="trials")
    backend = models.CharField(max_length=50)
    params = ExactJSONField()
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="trials")
    messages = ExactJSONField(help_text="What is sent: role and content of each turn")
    decoding = ExactJSONField(default=dict)
    seed = models.PositiveBigIntegerField()
    grader = models.CharField(
        max_length=50, blank=True, help_text="Marks the answer with its default options; empty marks nothing"
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    text = ExactTextField(blank=True, help_text="What is written so far")
    reason = ExactTextField(blank=True, help_text="Why it failed, in words for the user")
    finish_reason = models.CharField(max_length=10, blank=True)
    verdict = models.CharField(max_length=10, blank=True)
    explanation = ExactTextField(blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    cost = models.FloatField(default=0, help_text="In the currency of the language model's prices")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], condition=models.Q(state="queued"), name="trial_waiting")]

    def __str__(self) -> str:
        return f"trial {self.pk} of {self.language_model}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def write(self, text: str) -> bool:
        """Store what is written so far. False where nobody wants to know any more."""
        return bool(Trial.objects.filter(pk=self.pk, state=self.State.RUNNING).update(text=text))

    def finish(self, **outcome) -> None:
        self._end(self.State.DONE, **outcome)

    def fail(self, reason: str, **outcome) -> None:
        self._end(self.State.FAILED, reason=reason, **outcome)

    def cancel(self) -> None:
        """Stop it, whether it waits or is being written."""
        Trial.objects.open().filter(pk=self.pk).update(state=self.State.CANCELLED, finished_at=Now())
        self.refresh_from_db()

    def _end(self, state: str, **fields) -> None:
        Trial.objects.filter(pk=self.pk, state=self.State.RUNNING).update(state=state, finished_at=Now(), **fields)
        self.refresh_from_db()
