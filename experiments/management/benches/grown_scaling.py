"""How many times one worker's speed four workers reach on an endpoint of 200 ms, and what a sample asks of the servers."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from django.conf import settings
from django.db import connection

from experiments.domain.types import ProblemDraft
from experiments.inference import consents
from experiments.models import Attempt, Call, Dataset, Experiment, LanguageModel, Prompt, Run, Sample, Variant
from experiments.runner.planning import create_run

from . import Row
from .remote import endpoint
from .scratch import scratch_database
from .serving import process

#: Calls that one worker keeps under way: what is measured is the placing, not the two cores.
AT_ONCE = 2
ONE, MANY = 1, 4
N_PROBLEMS = {ONE: 400, MANY: 1600}
#: The first and the last samples, when not all workers are busy, are left out.
LEFT_OUT = 0.1
LONGEST_SECONDS = 240


@dataclass(frozen=True)
class _Load:
    """What the servers have done so far."""

    transactions: int
    wal_bytes: int
    database_cpu: float
    commands: int
    broker_bytes: int
    broker_cpu: float


def scaling() -> Iterator[Row]:
    """Rows of one worker, of four, and of the servers' load meanwhile."""
    with endpoint() as base_url, scratch_database() as folder:
        consents.allow_private(base_url)
        rates = {}
        for n_workers in (ONE, MANY):
            run = _run(base_url, n_workers)
            before = _load()
            _work(run, n_workers, folder)
            load = _difference(before, _load())
            rates[n_workers] = _rate(run)
            yield Row(f"{n_workers} × {AT_ONCE} calls at once: samples a second", rates[n_workers], "1/s")
            yield Row.at_most("attempts not done exactly once", _n_wrong(run), "", 0)
    yield Row.at_least(f"{MANY} workers over {ONE}", rates[MANY] / rates[ONE], "x", 3.6)
    n = N_PROBLEMS[MANY]
    yield Row("PostgreSQL: transactions a sample", load.transactions / n, "")
    yield Row("PostgreSQL: write-ahead log a sample", load.wal_bytes / n / 1000, "kB")
    yield Row("PostgreSQL: processor time a sample", load.database_cpu / n * 1000, "ms")
    yield Row("Redis: commands a sample", load.commands / n, "")
    yield Row("Redis: bytes in and out a sample", load.broker_bytes / n, "B")
    yield Row("Redis: processor time a sample", load.broker_cpu / n * 1000, "ms")


def _run(base_url: str, n_workers: int) -> Run:
    name = f"{n_workers} workers"
    drafts = [ProblemDraft(f"p{i}", f"{i} + 3 =", (str(i + 3),)) for i in range(N_PROBLEMS[n_workers])]
    variant = Variant.objects.write(Prompt.objects.create(name=name), "plain", "", "{{ question }}")
    params = {"base_url": base_url, "model": "steady", "max_concurrency": AT_ONCE * n_workers}
    experiment = Experiment.objects.create(
        name=name,
        study_params={"n": 1},
        dataset=Dataset.objects.store(name, drafts, source="bench", source_params={}),
        grader="numeric",
    )
    experiment.variants.set([variant])
    experiment.language_models.set([LanguageModel.objects.create(name=name, backend="openai_api", params=params)])
    return create_run(experiment, None)


def _work(run: Run, n_workers: int, folder: Path) -> None:
    """Until the run ends. Celery places its work."""
    with ExitStack() as processes:
        for _ in range(n_workers):
            processes.enter_context(process(["manage.py", "worker"], folder))
        processes.enter_context(process(["-m", "celery", "--app", "webapp.celery", "beat", "--loglevel", "warning"], folder))
        deadline = time.monotonic() + LONGEST_SECONDS
        while not run.is_finished:
            if time.monotonic() > deadline:
                raise RuntimeError(f"The run of {n_workers} workers did not end: {run.n_samples} samples.")
            time.sleep(0.2)
            run.refresh_from_db()


def _rate(run: Run) -> float:
    """Samples a second between the first tenth of them and the last."""
    stored = sorted(Sample.objects.filter(run=run).values_list("created_at", flat=True))
    first, last = int(LEFT_OUT * len(stored)), int((1 - LEFT_OUT) * len(stored))
    return (last - first) / (stored[last] - stored[first]).total_seconds()


def _n_wrong(run: Run) -> int:
    attempts = Attempt.objects.filter(run=run)
    once = attempts.filter(state=Attempt.State.DONE, tries=1, n_samples=1).count()
    return attempts.count() - once + abs(Call.objects.filter(run=run).count() - attempts.count())


def _load() -> _Load:
    with connection.cursor() as cursor:
        # What a session counted reaches the server's sums within a second of its being idle.
        time.sleep(1.5)
        cursor.execute("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()")
        (transactions,) = cursor.fetchone()
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
        (wal_bytes,) = cursor.fetchone()
    broker = redis.Redis.from_url(settings.ASSAY_BROKER_URL).info()
    return _Load(
        int(transactions),
        int(wal_bytes),
        _cpu_seconds("postgres"),
        broker["total_commands_processed"],
        broker["total_net_input_bytes"] + broker["total_net_output_bytes"],
        broker["used_cpu_sys"] + broker["used_cpu_user"],
    )


def _cpu_seconds(name: str) -> float:
    """Of the server that our parent process started, and of its sessions, ended ones included."""
    total = 0.0
    for server in psutil.Process(os.getppid()).children():
        if server.name() == name:
            times = server.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
            for session in server.children():
                own = session.cpu_times()
                total += own.user + own.system
    return total


def _difference(before: _Load, after: _Load) -> _Load:
    return _Load(*(getattr(after, name) - getattr(before, name) for name in _Load.__dataclass_fields__))
