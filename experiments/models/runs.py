"""One execution of a frozen copy of an experiment."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from . import clock
from .exact import ExactJSONField, ExactTextField
from .experiments import Experiment
from .news import announce
from .tags import Tagged


class RunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Runs of the experiments that the user may know of."""
        if user is None or user.can_administer:
            return self.all()
        return self.filter(experiment__in=Experiment.objects.visible_to(user).values("pk"))

    def unfinished(self):
        """Runs that a worker may still have to do with."""
        return self.filter(state__in=[Run.State.QUEUED, Run.State.RUNNING, Run.State.PAUSED])

    def workable(self):
        """Runs whose attempts may be claimed now."""
        return self.filter(state__in=[Run.State.QUEUED, Run.State.RUNNING])

    def change(self, run_id: int, **fields) -> bool:
        """Update that run if it is one of these, and let its live pages know. Returns whether it was."""
        is_changed = bool(self.filter(pk=run_id).update(revision=models.F("revision") + 1, **fields))
        if is_changed:
            announce([run_id])
        return is_changed

    def take_turns(self) -> None:
        """Until this transaction ends nobody else stores results of these runs. Every writer of samples and grades calls it.

        So a run's rows become visible in the order of their numbers, and whoever has seen number n has seen all below it.
        """
        list(self.order_by("pk").select_for_update(no_key=True).values_list("pk"))

    def paused_for_a_while(self):
        """Runs whose pause ends by itself."""
        return self.filter(state=Run.State.PAUSED, resume_at__isnull=False)


class Run(Tagged):
    """State moves only through the verbs below, each a filtered update that tells whether it happened.

    The counters are kept by the recorder in the transaction that stores the samples, so they never disagree with them.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    class Priority(models.IntegerChoices):
        LOW = 0, "Low"
        NORMAL = 1, "Normal"
        HIGH = 2, "High"

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    reason = ExactTextField(blank=True, help_text="Why it paused or failed, in words for the user")
    resume_at = models.DateTimeField(null=True, help_text="When a pause ends by itself; empty for one that a person must end")
    spending_cap = models.FloatField(null=True, help_text="It pauses before it costs more")
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL, help_text="Among its user's runs"
    )
    placed_at = models.DateTimeField(null=True, help_text="When a batch of it was last placed, where Celery does that")
    is_pilot = models.BooleanField(default=False, help_text="A small run to estimate what a whole one takes")
    archived = models.BooleanField(default=False)
    config = ExactJSONField(help_text="Frozen: texts, parameters, fingerprints, versions, seed")
    seed = models.BigIntegerField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    n_attempts = models.PositiveIntegerField(default=0)
    n_samples_planned = models.PositiveIntegerField(default=0)
    n_attempts_done = models.PositiveIntegerField(default=0)
    n_attempts_failed = models.PositiveIntegerField(default=0)
    n_samples = models.PositiveIntegerField(default=0)
    n_samples_failed = models.PositiveIntegerField(default=0)
    n_reused = models.PositiveIntegerField(default=0, help_text="Samples taken from earlier runs; their tokens are not counted")
    n_cut_off = models.PositiveIntegerField(default=0, help_text="Samples that hit max tokens")
    n_graded = models.PositiveIntegerField(default=0)
    n_correct = models.PositiveIntegerField(default=0)
    n_unparsed = models.PositiveIntegerField(default=0)
    n_grader_timeouts = models.PositiveIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    n_usage_estimated = models.PositiveIntegerField(default=0, help_text="Samples whose tokens the endpoint did not tell")
    n_calls = models.PositiveIntegerField(default=0, help_text="Calls that left for a paid endpoint")
    n_calls_failed = models.PositiveIntegerField(default=0, help_text="Of those, the ones that brought no whole answer")
    n_calls_cut = models.PositiveIntegerField(default=0, help_text="Of the failed ones, those whose text broke off")
    cost = models.FloatField(default=0, help_text="Of those calls, failed and lost ones included")
    busy_seconds = models.FloatField(default=0, help_text="Wall time while attempts were under way, over all workers' sessions")
    revision = models.PositiveIntegerField(default=0, help_text="Goes up when state or findings change; live pages follow it")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "id"]), models.Index(fields=["experiment", "-id"])]

    def __str__(self) -> str:
        return f"Run {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.state in (self.State.COMPLETED, self.State.CANCELLED, self.State.FAILED)

    @property
    def goes_on(self) -> bool:
        """Nobody has to do anything: it is being worked on, waits for a worker, or for an endpoint to come back."""
        return self.state in (self.State.QUEUED, self.State.RUNNING) or (
            self.state == self.State.PAUSED and self.resume_at is not None
        )

    @property
    def is_adaptive(self) -> bool:
        """Its study asks for attempts while it runs: until the end the planned sizes are what it may come to."""
        return "problems" in self.config

    @property
    def verifier_keys(self) -> list[str]:
        """Of the verifiers it was planned with, then of those that scored it later."""
        planned = [each["key"] for each in self.config["verifiers"]]
        return [*planned, *(key for key in self.scorings.values_list("key", flat=True) if key not in planned)]

    def _move(self, sources: list[str], target: str, **fields) -> bool:
        return self._move_where(Q(state__in=sources), target, **fields)

    def _move_where(self, condition: Q, target: str, **fields) -> bool:
        is_moved = Run.objects.filter(condition).change(self.pk, state=target, **fields)
        self.refresh_from_db()
        return is_moved

    @property
    def _resumed(self) -> str:
        return self.State.RUNNING if self.started_at else self.State.QUEUED

    def start(self) -> bool:
        """A worker took the first attempt."""
        return self._move([self.State.QUEUED], self.State.RUNNING, started_at=Now(), reason="")

    def pause(self, reason: str = "", resume_at: datetime | None = None) -> bool:
        """Take no new samples; those being written are still stored. With `resume_at` the pause ends by itself.

        A pause without it also takes the place of one that would end by itself.
        """
        pausable = Q(state__in=[self.State.QUEUED, self.State.RUNNING])
        if resume_at is None:
            pausable |= Q(state=self.State.PAUSED, resume_at__isnull=False)
        return self._move_where(pausable, self.State.PAUSED, reason=reason, resume_at=resume_at)

    def resume(self) -> bool:
        return self._move([self.State.PAUSED], self._resumed, reason="", resume_at=None)

    def resume_by_itself(self) -> bool:
        """End an automatic pause; a person's pause stays."""
        automatic = Q(state=self.State.PAUSED, resume_at__isnull=False)
        return self._move_where(automatic, self._resumed, reason="", resume_at=None)

    def cap_spending(self, cap: float | None) -> None:
        """Set how much the run may cost in all; None is no cap. A run that paused for its cap is resumed by its user."""
        Run.objects.change(self.pk, spending_cap=cap)
        self.refresh_from_db()

    def prioritise(self, priority: int) -> None:
        """Let its user's other runs wait for it, or it for them."""
        Run.objects.change(self.pk, priority=priority)
        self.refresh_from_db()

    def cancel(self) -> bool:
        """Stop for good; what is stored stays."""
        sources = [self.State.QUEUED, self.State.RUNNING, self.State.PAUSED]
        return self._move(sources, self.State.CANCELLED, finished_at=Now())

    def complete(self) -> bool:
        return self._move([self.State.QUEUED, self.State.RUNNING], self.State.COMPLETED, finished_at=Now(), reason="")

    def fail(self, reason: str) -> bool:
        sources = [self.State.QUEUED, self.State.RUNNING, self.State.PAUSED]
        return self._move(sources, self.State.FAILED, finished_at=Now(), reason=reason)
