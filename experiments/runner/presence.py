"""Which worker processes are alive. What a dead one held is given back at once, without waiting for its lease to run out."""

import logging
import math
import os
import socket
import time
from collections.abc import Collection, Mapping
from datetime import timedelta

import psutil
from django.db import transaction
from django.db.models import Model, Q
from django.db.models.functions import Now

from ..models import Attempt, Call, Measurement, Regrading, Scoring, Trial, TruthTest, Worker, WorkerDraft, clock
from ..models.vitals import Vitals
from .vitals import code_version

log = logging.getLogger(__name__)

LEASE_SECONDS = 30
# Another machine's worker is taken for dead after this long without a word; its leases ran out before.
SILENCE_SECONDS = 2 * LEASE_SECONDS
# A clock further off than this is worth mending, though nothing here depends on it.
WRONG_CLOCK_SECONDS = 5
SECONDS_BETWEEN_WARNINGS = 600

_warned_at = -math.inf


def register() -> Worker:
    """This process as a worker."""
    pid = os.getpid()
    place = {"host": socket.gethostname(), "pid": pid, "process_started": psutil.Process(pid).create_time()}
    return Worker.objects.create(**place, clock_offset=_clock_offset(), vitals=Vitals(version=code_version()).model_dump())


#: Numbers of what a worker works on, by kind.
InHand = Mapping[type[Model], Collection[int]]


def beat(worker: Worker, lease_seconds: float, vitals: Vitals, in_hand: InHand) -> set[int]:
    """Say that the worker is alive and how it feels, keep its leases, and take from the dead.

    Returns the attempts it still holds: others may have taken some while it could not say so. What it holds by the
    database and does not have in hand, since the answer to its claim was lost, becomes free when its lease runs out.
    """
    # It may have been taken for dead while it could not reach the database.
    told = {"clock_offset": _clock_offset(), "vitals": vitals.model_dump()}
    Worker.objects.filter(pk=worker.pk).update(heartbeat_at=Now(), stopped_at=None, **told)
    for kind in (Attempt, Scoring, Regrading):
        kind.objects.filter(pk__in=in_hand[kind]).renew(worker.pk, lease_seconds)
    release_dead(worker)
    return set(Attempt.objects.filter(worker=worker, state=Attempt.State.RUNNING).values_list("pk", flat=True))


class Strays:
    """Errands without a lease that are a worker's by the database and that it does not know of.

    The answer to its claim was lost, or the news of their end. At the second look in a row nobody is about to hear of them.
    """

    def __init__(self):
        self._seen: dict[type[Model], set[int]] = {}

    def give_up(self, worker: Worker, in_hand: InHand) -> None:
        """Say so to those who wait for them."""
        for kind in (TruthTest, Measurement, Trial):
            running = kind.objects.filter(worker=worker, state=kind.State.RUNNING)
            unknown = set(running.exclude(pk__in=in_hand[kind]).values_list("pk", flat=True))
            if lost := unknown & self._seen.get(kind, set()):
                kind.objects.filter(pk__in=lost).give_up(worker.pk)
            self._seen[kind] = unknown


def release_dead(worker: Worker) -> None:
    """Give back what this host's workers held whose process is gone, and other hosts' that were not heard of for long."""
    silent = Q(heartbeat_at__lt=Now() - timedelta(seconds=SILENCE_SECONDS))
    for other in Worker.objects.filter(Q(host=worker.host) | silent, stopped_at=None).exclude(pk=worker.pk):
        if other.host != worker.host or not _is_running(other):
            leave(other)


def leave(worker: Worker) -> None:
    """Give back what the worker held, and book calls that nobody will hear of any more."""
    with transaction.atomic():
        Call.objects.filter(worker=worker).give_up()
    Attempt.objects.release(worker.pk)
    Scoring.objects.release(worker.pk)
    Regrading.objects.release(worker.pk)
    TruthTest.objects.give_up(worker.pk)
    Measurement.objects.give_up(worker.pk)
    Trial.objects.give_up(worker.pk)
    WorkerDraft.objects.filter(worker=worker).clear()
    Worker.objects.filter(pk=worker.pk).update(stopped_at=Now())


def any_alive() -> bool:
    """Whether some worker will take up a queued run soon."""
    recent = Worker.objects.filter(stopped_at=None, heartbeat_at__gt=Now() - timedelta(seconds=LEASE_SECONDS))
    return any(worker.host != socket.gethostname() or _is_running(worker) for worker in recent)


def _clock_offset() -> float:
    global _warned_at
    offset = clock.measure()
    if abs(offset) > WRONG_CLOCK_SECONDS and time.monotonic() - _warned_at > SECONDS_BETWEEN_WARNINGS:
        _warned_at = time.monotonic()
        words = "behind" if offset > 0 else "ahead of"
        log.warning("This machine's clock is %.0f s %s the database's. Leases and days go by the database's.", abs(offset), words)
    return offset


def _is_running(worker: Worker) -> bool:
    try:
        process = psutil.Process(worker.pid)
        # A zombie has ended already; a start at another time is another process under the same number.
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - worker.process_started) < 1
    except psutil.NoSuchProcess:
        return False
