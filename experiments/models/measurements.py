"""Measurements of how a machine computes a language model fastest: asked for on a page, taken by a worker, followed there."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from .exact import ExactJSONField, ExactTextField
from .language_models import LanguageModel
from .workers import Worker


class MeasurementQuerySet(models.QuerySet):
    def open(self):
        """Those that wait for a worker or are under way."""
        return self.filter(state__in=[Measurement.State.QUEUED, Measurement.State.RUNNING])

    def request(self, entry: LanguageModel, user) -> "Measurement":
        """The model's measurement that is open, or else a new one."""
        try:
            with transaction.atomic():
                return self.create(language_model=entry, requested_by=user)
        except IntegrityError:
            return self.open().get(language_model=entry)

    def claim(self, worker_id: int) -> "Measurement | None":
        """Take the oldest that waits; None if there is none or another worker won."""
        measurement = self.filter(state=Measurement.State.QUEUED).select_related("language_model").first()
        fields = {"state": Measurement.State.RUNNING, "worker_id": worker_id}
        if measurement is None or not self.filter(pk=measurement.pk, state=Measurement.State.QUEUED).update(**fields):
            return None
        measurement.refresh_from_db()
        return measurement

    def give_up(self, worker_id: int) -> int:
        """End those of a worker that stopped, died or lost them."""
        reason = "Its worker stopped meanwhile or lost its connection. Measure again."
        held = self.filter(worker=worker_id, state=Measurement.State.RUNNING)
        return held.update(state=Measurement.State.FAILED, reason=reason, finished_at=Now())


class Measurement(models.Model):
    """One measurement of one language model. What it found is kept beside the model files, because it is about a machine."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    language_model = models.ForeignKey(LanguageModel, on_delete=models.CASCADE, related_name="measurements", db_index=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    reason = ExactTextField(blank=True, help_text="Why it failed, in words for the user")
    trials = ExactJSONField(default=list, help_text="A line for each way that was tried, with its speed")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["language_model"], condition=Q(state__in=["queued", "running"]), name="one_measurement_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["language_model", "-id"])]

    def __str__(self) -> str:
        return f"measurement {self.pk} of {self.language_model}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def note_trial(self, line: str) -> None:
        self._change(trials=[*self.trials, line])

    def finish(self) -> None:
        self._change(state=self.State.DONE, finished_at=Now())

    def fail(self, reason: str) -> None:
        self._change(state=self.State.FAILED, reason=reason, finished_at=Now())

    def _change(self, **fields) -> None:
        Measurement.objects.filter(pk=self.pk, state=self.State.RUNNING).update(**fields)
        self.refresh_from_db()
