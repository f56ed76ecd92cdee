"""Processes that work on runs, so that a dead one's leases can be told from a slow one's."""

from django.db import models

from . import clock


class Worker(models.Model):
    """One worker process. `process_started` tells a reused process number from the same process."""

    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    process_started = models.FloatField(help_text="The process's start, seconds since the epoch")
    started_at = models.DateTimeField(default=clock.now, editable=False)
    heartbeat_at = models.DateTimeField(default=clock.now, editable=False)
    stopped_at = models.DateTimeField(null=True)
    clock_offset = models.FloatField(null=True, help_text="Seconds by which the database's clock is ahead of the worker's")
    vitals = models.JSONField(db_default={}, default=dict, help_text="What it told of itself with its last heartbeat")
    queues = models.JSONField(db_default=[], default=list, help_text="Those it takes batches from, where Celery places the work")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"worker {self.pk} on {self.host}"
