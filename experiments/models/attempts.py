"""The units of work: one problem, one condition, one repeat."""

from datetime import timedelta

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from .datasets import Problem
from .exact import ExactJSONField, ExactTextField
from .language_models import LanguageModel
from .prompts import Variant
from .runs import Run

_SHORTEST_HOLD = timedelta(seconds=5)


class ConditionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Conditions of the runs that the user may know of."""
        if user is None or user.can_administer:
            return self.all()
        return self.filter(run__in=Run.objects.visible_to(user).values("pk"))


class Condition(models.Model):
    """One cell of a run's design."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="conditions")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=300)
    language_model = models.ForeignKey(LanguageModel, on_delete=models.PROTECT)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT)
    decoding = ExactJSONField()
    strategy = models.CharField(max_length=50)
    strategy_params = ExactJSONField(default=dict)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="condition_once_per_run")]

    def __str__(self) -> str:
        return self.label


class AttemptQuerySet(models.QuerySet):
    def free(self):
        """Those that may be claimed: nobody's, or of a worker whose lease ran out."""
        return self.filter(Q(state=Attempt.State.PENDING) | Q(state=Attempt.State.RUNNING, lease_until__lt=Now()))

    def claim(self, run: Run, worker_id: int, limit: int, lease_seconds: float) -> list["Attempt"]:
        """Lease up to `limit` of the run's next free attempts to a worker, inside a transaction. Fewer where fewer are free."""
        free = self.filter(run=run).free().order_by("position")
        if connection.features.has_select_for_update_skip_locked:
            # Those that another worker is claiming in this moment are as good as gone.
            free = free.select_for_update(of=("self",), skip_locked=True)
        claimed = list(free.values_list("pk", flat=True)[:limit])
        lease = {"worker_id": worker_id, "lease_until": Now() + timedelta(seconds=lease_seconds)}
        taken = Attempt.objects.filter(pk__in=claimed)
        taken.update(state=Attempt.State.RUNNING, tries=F("tries") + 1, claimed_at=Now(), **lease)
        return list(self.filter(pk__in=claimed).select_related("problem", "condition").order_by("position"))

    def renew(self, worker_id: int, lease_seconds: float) -> int:
        """Heartbeat: keep what the worker holds."""
        until = Now() + timedelta(seconds=lease_seconds)
        return self.filter(worker_id=worker_id, state=Attempt.State.RUNNING).update(lease_until=until)

    def hold(self, worker_id: int) -> set[int]:
        """Inside a transaction: which of them the worker holds. Nobody takes those away until its next heartbeat is due."""
        held = self.filter(worker_id=worker_id, state=Attempt.State.RUNNING)
        held.filter(lease_until__lt=Now() + _SHORTEST_HOLD).update(lease_until=Now() + 2 * _SHORTEST_HOLD)
        return set(held.values_list("pk", flat=True))

    def release(self, worker_id: int) -> int:
        """Give back what a stopped or dead worker held; its stored samples are replayed by the next one."""
        held = self.filter(worker_id=worker_id, state=Attempt.State.RUNNING)
        return held.update(state=Attempt.State.PENDING, worker_id=None, lease_until=None)

    def take_back(self) -> int:
        """Free those that are under way, whoever holds them. A worker that is alive after all then changes nothing by its end."""
        held = self.filter(state=Attempt.State.RUNNING)
        return held.update(state=Attempt.State.PENDING, worker_id=None, lease_until=None)

    def finish(self, worker_id: int, state: str, **summary) -> int:
        """End what the worker still holds, with the summary columns; a worker that lost its lease changes nothing."""
        held = self.filter(worker_id=worker_id, state=Attempt.State.RUNNING)
        return held.update(state=state, lease_until=None, finished_at=Now(), **summary)


class Attempt(models.Model):
    """One problem under one condition, once. The unit of work, of resuming and of distribution.

    The columns from `n_samples` on summarise the stored samples when the attempt ends, for lists and filters only.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="attempts")
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="attempts")
    problem = models.ForeignKey(Problem, on_delete=models.PROTECT)
    repeat = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(help_text="Order of work inside the run")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    worker = models.ForeignKey("Worker", null=True, on_delete=models.SET_NULL)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True, help_text="By the worker that had it last")
    tries = models.PositiveIntegerField(default=0)
    error = ExactTextField(blank=True)
    finished_at = models.DateTimeField(null=True)
    chosen = models.ForeignKey(
        "Sample", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, help_text="What the strategy handed in"
    )
    trace = ExactJSONField(default=dict, help_text="What the strategy did, for reading")

    n_samples = models.PositiveIntegerField(default=0, help_text="Answers, not the texts that led to them")
    n_correct = models.PositiveIntegerField(default=0)
    n_cut_off = models.PositiveIntegerField(default=0)
    n_unparsed = models.PositiveIntegerField(default=0)
    n_answers = models.PositiveIntegerField(default=0, help_text="Distinct canonical answers")
    vote_margin = models.IntegerField(null=True, help_text="Votes for the right answer minus those for the best wrong one")

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "problem", "repeat"], name="attempt_once"),
            models.UniqueConstraint(fields=["run", "position"], name="attempt_position_once"),
        ]
        indexes = [
            models.Index(fields=["run", "state", "position"]),
            models.Index(fields=["worker", "state"]),
            # Who watches counts what waits, by condition and so by language model, without touching the rows.
            models.Index(fields=["condition"], condition=Q(state="pending"), name="attempt_waiting"),
            # Without it, whatever deletes a sample would look through all attempts for one that chose it.
            models.Index(fields=["chosen"], condition=Q(chosen__isnull=False), name="attempt_by_chosen"),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} under {self.condition_id}, repeat {self.repeat}"

    def get_absolute_url(self) -> str:
        return reverse("attempt", args=[self.run_id, self.pk])
