"""Processes that work on runs, so that a dead one's leases can be told from a slow one's."""

from django.db import models


class Worker(models.Model):
    """One worker process. `process_started` tells a reused process number from the same process."""

    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    process_started = models.FloatField(help_text="The process's start, seconds since the epoch")
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(auto_now=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"worker {self.pk} on {self.host}"
