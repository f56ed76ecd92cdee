"""A finished run's answers marked once more, by another grader or another way of reading them. Both versions are kept."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from .exact import ExactJSONField, ExactTextField
from .results import Grade, Sample
from .runs import Run
from .workers import Worker


class RegradingQuerySet(models.QuerySet):
    def claim(self, worker_id: int, lease_seconds: float) -> "Regrading | None":
        """Lease the oldest free one to a worker; None if there is none or another worker won."""
        free = Q(state=Regrading.State.QUEUED) | Q(state=Regrading.State.RUNNING, lease_until__lt=Now())
        found = self.filter(free).order_by("pk").values_list("pk", flat=True).first()
        lease = {"worker_id": worker_id, "lease_until": Now() + timedelta(seconds=lease_seconds)}
        if found is None or not self.filter(free, pk=found).update(state=Regrading.State.RUNNING, reason="", **lease):
            return None
        return self.select_related("run").get(pk=found)

    def renew(self, worker_id: int, lease_seconds: float) -> int:
        """Heartbeat: keep what the worker holds."""
        until = Now() + timedelta(seconds=lease_seconds)
        return self.filter(worker_id=worker_id, state=Regrading.State.RUNNING).update(lease_until=until)

    def release(self, worker_id: int) -> int:
        """Give back what a stopped or dead worker held; what is marked stays marked."""
        held = self.filter(worker_id=worker_id, state=Regrading.State.RUNNING)
        return held.update(state=Regrading.State.QUEUED, worker_id=None, lease_until=None)


class Regrading(models.Model):
    """State moves only through the verbs below. What is left to do is read from the grades that are stored."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="regradings")
    key = models.CharField(max_length=100, help_text="The grader with its version and options, as grades name it")
    grader = models.CharField(max_length=50)
    params = ExactJSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    reason = ExactTextField(blank=True, help_text="Why it failed, in words for the user")
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL)
    lease_until = models.DateTimeField(null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = RegradingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="regrading_once_per_run_and_grader")]

    def __str__(self) -> str:
        return f"run {self.run_id} by {self.key}"

    @property
    def goes_on(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def answers(self):
        """The samples it is about: those that the run's own grader marked."""
        return Sample.objects.filter(run=self.run_id, grades__grader=self.run.config["grader"]["key"])

    def unmarked(self):
        """Those of them without a grade by this one, in their order."""
        marked = Grade.objects.filter(grader=self.key, sample=OuterRef("pk"))
        return self.answers().exclude(Exists(marked)).order_by("pk")

    def queue(self) -> bool:
        """Go on where it stopped."""
        return self._move([self.State.CANCELLED, self.State.FAILED], self.State.QUEUED, reason="", finished_at=None)

    def cancel(self) -> bool:
        """Stop; the grades that are stored stay."""
        return self._move([self.State.QUEUED, self.State.RUNNING], self.State.CANCELLED, finished_at=Now())

    def complete(self) -> bool:
        is_done = self._move([self.State.RUNNING], self.State.COMPLETED, finished_at=Now())
        Run.objects.change(self.run_id)
        return is_done

    def fail(self, reason: str) -> bool:
        return self._move([self.State.QUEUED, self.State.RUNNING], self.State.FAILED, reason=reason, finished_at=Now())

    def _move(self, sources: list[str], target: str, **fields) -> bool:
        moved = Regrading.objects.filter(pk=self.pk, state__in=sources).update(
            state=target, worker=None, lease_until=None, **fields
        )
        self.refresh_from_db()
        return bool(moved)
