"""What administrators look at to see the installation at work: who holds what, what is stuck, what waits and why."""

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, F

from ..models import Attempt, Batch, Call, Run, clock
from ..models.vitals import ending_of
from .stuck import typical_seconds, why_stuck
from .vital_signs import WorkerSigns, workers

SHOWN_LEASES = 200
SHOWN_RUNS = 50
LATEST_CALLS = 1000


@dataclass(frozen=True)
class Lease:
    """An attempt under way. `stuck` says why it looks stuck, empty where it doesn't."""

    attempt: Attempt
    worker: WorkerSigns | None
    stuck: str


@dataclass(frozen=True)
class Endpoint:
    """One endpoint's model over all workers: the worst breaker, and the sums of what they have there."""

    name: str
    breaker: str
    seconds_until_asked: float
    n_under_way: int
    n_waiting: int
    n_workers: int


@dataclass(frozen=True)
class Queue:
    """One of Celery's queues; `n_serving` living workers take from it."""

    name: str
    n_placed: int
    n_taken: int
    oldest: datetime | None
    n_serving: int


@dataclass(frozen=True)
class Calls:
    """How the latest calls of one language model ended: (word, how many), the most frequent first."""

    language_model: str
    n: int
    endings: list[tuple[str, int]]


@dataclass(frozen=True)
class WaitingRun:
    run: Run
    n_open: int
    n_under_way: int
    why: str


@dataclass(frozen=True)
class Storage:
    """Bytes. The database's are None where it cannot be asked; `place` is the folder whose disk is meant."""

    database_bytes: int | None
    free_bytes: int
    disk_bytes: int
    longest_delay_seconds: float
    troubles: list[str]

    @property
    def is_tight(self) -> bool:
        return self.free_bytes < min(0.05 * self.disk_bytes, 5e9)


@dataclass(frozen=True)
class Operations:
    workers: list[WorkerSigns]
    leases: list[Lease]
    n_under_way: int
    endpoints: list[Endpoint]
    calls: list[Calls]
    queues: list[Queue]
    waiting: list[WaitingRun]
    storage: Storage

    @property
    def n_alive(self) -> int:
        return sum(not worker.is_stopped and not worker.is_silent for worker in self.workers)

    @property
    def n_silent(self) -> int:
        return sum(worker.is_silent for worker in self.workers)

    @property
    def stuck(self) -> list[Lease]:
        return [lease for lease in self.leases if lease.stuck]


def operations() -> Operations:
    """Everything at this moment, in about ten queries that a million samples do not slow down."""
    signs = workers()
    runs = list(Run.objects.unfinished().select_related("experiment", "started_by").defer("config").order_by("pk")[:SHOWN_RUNS])
    held, n_by_run = _under_way()
    leases = _leases(held, signs)
    return Operations(
        workers=signs,
        leases=sorted(leases, key=lambda lease: not lease.stuck),
        n_under_way=sum(n_by_run.values()),
        endpoints=_endpoints(signs),
        calls=_latest_calls(),
        queues=_queues(signs),
        waiting=[_waiting(run, n_by_run[run.pk], signs) for run in runs],
        storage=_storage(signs),
    )


def _under_way() -> tuple[list[Attempt], Counter[int]]:
    """Those that were claimed first, and how many there are by run."""
    running = Attempt.objects.filter(run__in=Run.objects.unfinished(), state=Attempt.State.RUNNING)
    counts = Counter(dict(running.order_by().values_list("run_id").annotate(Count("pk"))))
    oldest = running.select_related("run", "worker", "problem").defer("run__config", "trace")
    return list(oldest.order_by(F("claimed_at").asc(nulls_first=True), "pk")[:SHOWN_LEASES]), counts


def _leases(held: list[Attempt], signs: list[WorkerSigns]) -> list[Lease]:
    now, by_worker, typical = clock.now(), {each.row.pk: each for each in signs}, typical_seconds(held)
    return [
        Lease(attempt, worker := by_worker.get(attempt.worker_id), why_stuck(attempt, worker, now, typical.get(attempt.run_id)))
        for attempt in held
    ]


def _endpoints(signs: Iterable[WorkerSigns]) -> list[Endpoint]:
    told: dict[str, list] = {}
    for worker in signs:
        if not worker.is_stopped and not worker.is_silent:
            for each in worker.vitals.endpoints:
                told.setdefault(each.name, []).append(each)
    return [
        Endpoint(
            name,
            next((state for state in ("open", "half open") if any(each.breaker == state for each in seen)), "closed"),
            max(each.seconds_until_asked for each in seen),
            sum(each.n_under_way for each in seen),
            sum(each.n_waiting for each in seen),
            len(seen),
        )
        for name, seen in sorted(told.items())
    ]


def _latest_calls() -> list[Calls]:
    latest = Call.objects.exclude(state=Call.State.SENT).order_by("-pk").only("language_model", "state", "status", "is_cut")
    found: dict[str, Counter[str]] = {}
    for call in latest[:LATEST_CALLS]:
        found.setdefault(call.language_model, Counter())[ending_of(call)] += 1
    return [Calls(name, endings.total(), endings.most_common()) for name, endings in sorted(found.items())]


def _queues(signs: Iterable[WorkerSigns]) -> list[Queue]:
    serving = Counter(queue for worker in signs if not (worker.is_stopped or worker.is_silent) for queue in worker.row.queues)
    batches: dict[str, list[Batch]] = {queue: [] for queue in serving}
    for batch in Batch.objects.only("queue", "state", "placed_at"):
        batches.setdefault(batch.queue, []).append(batch)
    return [_queue(name, placed, serving[name]) for name, placed in sorted(batches.items())]


def _queue(name: str, batches: list[Batch], n_serving: int) -> Queue:
    placed = [batch for batch in batches if batch.state == Batch.State.PLACED]
    oldest = min((batch.placed_at for batch in placed), default=None)
    return Queue(name, len(placed), len(batches) - len(placed), oldest, n_serving)


def _waiting(run: Run, n_under_way: int, signs: list[WorkerSigns]) -> WaitingRun:
    n_open = max(0, run.n_attempts - run.n_attempts_done - run.n_attempts_failed)
    alive = [worker for worker in signs if not worker.is_stopped and not worker.is_silent]
    if run.state == Run.State.PAUSED:
        why = run.reason or "Somebody paused it."
    elif not alive:
        why = "No worker is alive. Start one with “manage.py worker”."
    elif n_under_way:
        why = ""
    elif run.state == Run.State.QUEUED:
        why = "A worker takes it up when it comes to it."
    elif n_open:
        why = "No attempt of it is under way: its models are loading, or workers have enough of others."
    else:
        why = "Its attempts are done; its findings are being made up."
    return WaitingRun(run, n_open, n_under_way, why)


def _storage(signs: list[WorkerSigns]) -> Storage:
    disk = shutil.disk_usage(settings.ASSAY_DATA_DIR)
    alive = [worker for worker in signs if not worker.is_stopped and not worker.is_silent]
    return Storage(
        database_bytes=_database_bytes(),
        free_bytes=disk.free,
        disk_bytes=disk.total,
        longest_delay_seconds=max((worker.vitals.longest_delay_seconds for worker in alive), default=0.0),
        troubles=sorted({worker.vitals.trouble for worker in alive if worker.vitals.trouble}),
    )


def _database_bytes() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
    file = Path(connection.settings_dict["NAME"])
    return sum(path.stat().st_size for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())
