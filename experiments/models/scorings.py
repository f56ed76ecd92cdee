"""A finished run's answers scored once more, by a verifier it did not have."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .exact import ExactJSONField, ExactTextField
from .results import Sample, VerifierScore
from .runs import Run
from .workers import Worker


class ScoringQuerySet(models.QuerySet):
    def workable(self):
        """Those that a worker may have to do with now."""
        return self.filter(state__in=[Scoring.State.QUEUED, Scoring.State.RUNNING])

    def claim(self, worker_id: int, lease_seconds: float) -> list["Scoring"]:
        """Lease every free one to a worker; another worker's win is not an error, only fewer rows."""
        free = Q(state=Scoring.State.QUEUED) | Q(state=Scoring.State.RUNNING, lease_until__lt=Now())
        lease = {"worker_id": worker_id, "lease_until": Now() + timedelta(seconds=lease_seconds)}
        claimed = [
            pk
            for pk in list(self.filter(free).order_by("pk").values_list("pk", flat=True))
            if self.filter(free, pk=pk).update(state=Scoring.State.RUNNING, reason="", **lease)
        ]
        return list(self.filter(pk__in=claimed).select_related("run").order_by("pk"))

    def renew(self, worker_id: int, lease_seconds: float) -> int:
        """Heartbeat: keep what the worker holds."""
        until = Now() + timedelta(seconds=lease_seconds)
        return self.filter(worker_id=worker_id, state=Scoring.State.RUNNING).update(lease_until=until)

    def release(self, worker_id: int) -> int:
        """Give back what a stopped or dead worker held."""
        held = self.filter(worker_id=worker_id, state=Scoring.State.RUNNING)
        return held.update(state=Scoring.State.QUEUED, worker_id=None, lease_until=None)


class Scoring(models.Model):
    """State moves only through the verbs below. What is left to do is read from the scores that are stored.

    It adds scores, and the texts of judges with what they cost, to the run; nothing that is stored changes.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="scorings")
    key = models.CharField(max_length=100, help_text="The verifier with its version and options, as scores name it")
    config = ExactJSONField(help_text="Frozen: the verifier, and the language model it asks")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    reason = ExactTextField(blank=True, help_text="Why it paused or failed, in words for the user")
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL)
    lease_until = models.DateTimeField(null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScoringQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="scoring_once_per_run_and_verifier")]

    def __str__(self) -> str:
        return f"run {self.run_id} by {self.key}"

    @property
    def goes_on(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def answers(self):
        """The samples it is about: those that were handed in, which are the graded ones."""
        return Sample.objects.filter(run=self.run_id, grades__grader=self.run.config["grader"]["key"])

    def unscored(self):
        """Those of them without a score, or its absence, on record."""
        scored = VerifierScore.objects.filter(verifier=self.key, sample=models.OuterRef("pk"))
        return self.answers().exclude(models.Exists(scored))

    def queue(self) -> bool:
        """Go on where it stopped."""
        sources = [self.State.PAUSED, self.State.CANCELLED, self.State.FAILED]
        return self._move(sources, self.State.QUEUED, reason="", finished_at=None)

    def pause(self, reason: str) -> bool:
        """Until somebody has acted."""
        return self._move([self.State.RUNNING], self.State.PAUSED, reason=reason)

    def cancel(self) -> bool:
        """Stop; the scores that are stored stay."""
        sources = [self.State.QUEUED, self.State.RUNNING, self.State.PAUSED]
        return self._move(sources, self.State.CANCELLED, finished_at=Now())

    def complete(self) -> bool:
        is_done = self._move([self.State.RUNNING], self.State.COMPLETED, finished_at=Now())
        Run.objects.change(self.run_id)
        return is_done

    def fail(self, reason: str) -> bool:
        return self._move([self.State.QUEUED, self.State.RUNNING], self.State.FAILED, reason=reason, finished_at=Now())

    def _move(self, sources: list[str], target: str, **fields) -> bool:
        moved = Scoring.objects.filter(pk=self.pk, state__in=sources).update(
            state=target, worker=None, lease_until=None, **fields
        )
        self.refresh_from_db()
        return bool(moved)
