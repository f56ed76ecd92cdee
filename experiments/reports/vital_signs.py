"""What can be watched of the whole installation, in a few queries that a million samples do not slow down.

Counts of samples come from the runs' counters, never from the samples; of attempts only those that wait or are under way
are counted, by indexes that hold no others.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import Now

from ..models import Attempt, Batch, Call, Condition, Run, Spending, Worker, clock
from ..models.vitals import Vitals

# Long enough for a watcher to see the last counts of a worker that stopped.
SECONDS_SHOWN_AFTER_STOP = 120
MOST_WORKERS = 200
#: A worker that was not heard of for this long is silent: its leases run out.
SILENCE_SECONDS = 30
# Nothing here depends on it, but what a person compares does.
WRONG_CLOCK_SECONDS = 5

TOTALS = (
    *("n_samples", "n_samples_failed", "n_graded", "n_grader_timeouts", "n_attempts", "n_attempts_done", "n_attempts_failed"),
    *("prompt_tokens", "completion_tokens", "n_calls", "n_calls_failed", "cost"),
)


@dataclass(frozen=True)
class WorkerSigns:
    """One worker process as its row and its leases show it. Ages are seconds by the database's clock."""

    row: Worker
    vitals: Vitals
    heartbeat_age: float
    n_leases: int
    n_leases_over: int
    n_calls_under_way: int

    @property
    def is_stopped(self) -> bool:
        return self.row.stopped_at is not None

    @property
    def is_silent(self) -> bool:
        return not self.is_stopped and self.heartbeat_age > SILENCE_SECONDS

    @property
    def has_wrong_clock(self) -> bool:
        return abs(self.row.clock_offset or 0.0) > WRONG_CLOCK_SECONDS


def workers() -> list[WorkerSigns]:
    """Those that are alive, silent, or stopped a moment ago, newest first. Three queries."""
    now = clock.read()
    lately = Q(stopped_at=None) | Q(stopped_at__gt=now - timedelta(seconds=SECONDS_SHOWN_AFTER_STOP))
    rows = list(Worker.objects.filter(lately)[:MOST_WORKERS])
    over = Count("pk", filter=Q(lease_until__lt=Now()))
    held = Attempt.objects.filter(worker__in=rows, state=Attempt.State.RUNNING).order_by()
    leases = {row["worker"]: row for row in held.values("worker").annotate(n=Count("pk"), over=over)}
    under_way = Call.objects.under_way().filter(worker__in=rows).order_by()
    calls = dict(under_way.values_list("worker").annotate(Count("pk")))
    return [_signs(row, now, leases.get(row.pk, {}), calls.get(row.pk, 0)) for row in rows]


def _signs(row: Worker, now: datetime, leases: dict, n_calls: int) -> WorkerSigns:
    age = max(0.0, (now - row.heartbeat_at).total_seconds())
    return WorkerSigns(row, Vitals.model_validate(row.vitals), age, leases.get("n", 0), leases.get("over", 0), n_calls)


def runs_by_state() -> dict[str, int]:
    found = dict(Run.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in Run.State.values}


def totals() -> dict[str, float]:
    """Sums over all runs that are kept, by the counters' names."""
    return {name: value or 0 for name, value in Run.objects.aggregate(**{name: Sum(name) for name in TOTALS}).items()}


def waiting_by_model() -> dict[str, int]:
    """Attempts of runs that go on or are paused which nobody has taken, by language model."""
    conditions = Condition.objects.filter(run__in=Run.objects.unfinished()).order_by()
    names = dict(conditions.values_list("pk", "language_model__name"))
    # Counted by condition, with names put in afterwards: a join would visit the condition of each attempt.
    waiting = Attempt.objects.filter(state=Attempt.State.PENDING, condition__in=conditions.values("pk")).order_by()
    found: Counter[str] = Counter()
    for condition, n in waiting.values_list("condition_id").annotate(n=Count("*")):
        found[names.get(condition, "")] += n
    return found


def batches() -> list[tuple[str, str, int]]:
    """(queue, state, how many) of what Celery places."""
    return list(Batch.objects.order_by("queue", "state").values_list("queue", "state").annotate(Count("pk")))


def known_queues() -> list[str]:
    """Those that living workers serve or that batches wait in."""
    served = Worker.objects.filter(stopped_at=None).values_list("queues", flat=True)[:MOST_WORKERS]
    waiting = Batch.objects.order_by().values_list("queue", flat=True).distinct()
    return sorted({*waiting, *(queue for queues in served for queue in queues)})


def spent_today() -> tuple[float, float]:
    """(spent, reserved for calls under way) of all runs since midnight."""
    return Spending.objects.today().totals()
