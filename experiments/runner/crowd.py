"""How many worker processes ask what, so that together they keep to an endpoint's limits."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models.functions import Now

from ..models import Worker
from .presence import LEASE_SECONDS


@dataclass(frozen=True)
class Crowd:
    """How many worker processes take batches from each queue, and how many look for work everywhere."""

    by_queue: Counter[str] = field(default_factory=Counter)
    n_everywhere: int = 1

    def n_asking(self, queue: str) -> int:
        """Processes that may be asking what this queue is for, the one that wants to know included."""
        return max(1, self.by_queue[queue] + self.n_everywhere)


def crowd() -> Crowd:
    """Who asks what, as far as they are alive."""
    alive = Worker.objects.filter(stopped_at=None, heartbeat_at__gt=Now() - timedelta(seconds=LEASE_SECONDS))
    told = list(alive.values_list("queues", flat=True))
    return Crowd(Counter(queue for queues in told for queue in queues), sum(not queues for queues in told))
