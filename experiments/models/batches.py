"""Messages under way to the workers, so that a lost message or a dead worker is noticed."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from .runs import Run
from .workers import Worker


class BatchQuerySet(models.QuerySet):
    def claiming(self):
        """Those that take attempts or are about to; the others only end what they took."""
        return self.filter(state__in=[Batch.State.PLACED, Batch.State.WORKING])

    def take(self, pk: uuid.UUID, worker_id: int, *, again: bool = False) -> "Batch | None":
        """For the first worker whose message arrives; None for a message that comes late or twice.

        `again`: the answer to an earlier try was lost, so the batch may be the worker's already.
        """
        free = Q(state=Batch.State.PLACED)
        if again:
            free |= Q(state=Batch.State.WORKING, worker=worker_id)
        if not self.filter(free, pk=pk).update(state=Batch.State.WORKING, worker_id=worker_id, taken_at=Now()):
            return None
        return self.get(pk=pk)

    def close(self, pk: uuid.UUID) -> None:
        """It takes no more attempts, and the next batch may be placed."""
        self.filter(pk=pk, state=Batch.State.WORKING).update(state=Batch.State.CLOSING)

    def sent(self) -> None:
        self.update(sent_at=Now(), n_sent=F("n_sent") + 1)


class Batch(models.Model):
    """Leave to claim some of a run's attempts for one language model, for whichever worker gets its message.

    The row is there before the message is sent and goes when its attempts have ended: what it did is told by them.
    """

    class State(models.TextChoices):
        PLACED = "placed", "Placed"
        WORKING = "working", "Claiming attempts"
        CLOSING = "closing", "Ending its attempts"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, help_text="Also the name of the Celery task")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="batches")
    language_model = models.CharField(max_length=200, help_text="As the run's frozen config calls it")
    queue = models.CharField(max_length=200)
    files = models.JSONField(default=list, help_text="What a machine must have to take it")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLACED)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, related_name="batches")
    placed_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, help_text="Empty until its message has reached the broker")
    n_sent = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["placed_at"]
        indexes = [models.Index(fields=["queue", "state"])]

    def __str__(self) -> str:
        return f"batch {self.pk} of run {self.run_id}"
