"""Which worker processes are alive. What a dead one held is given back at once, without waiting for its lease to run out."""

import os
import socket
from datetime import timedelta

import psutil
from django.db import transaction
from django.utils import timezone

from ..models import Attempt, Call, Measurement, Regrading, Scoring, Trial, TruthTest, Worker

LEASE_SECONDS = 30


def register() -> Worker:
    """This process as a worker."""
    pid = os.getpid()
    return Worker.objects.create(host=socket.gethostname(), pid=pid, process_started=psutil.Process(pid).create_time())


def beat(worker: Worker, lease_seconds: float) -> None:
    """Say that the worker is alive, keep its leases, and take from the dead."""
    Worker.objects.filter(pk=worker.pk).update(heartbeat_at=timezone.now())
    Attempt.objects.renew(worker.pk, lease_seconds)
    Scoring.objects.renew(worker.pk, lease_seconds)
    Regrading.objects.renew(worker.pk, lease_seconds)
    release_dead(worker)


def release_dead(worker: Worker) -> None:
    """Give back the attempts of this host's workers whose process is gone."""
    for other in Worker.objects.filter(host=worker.host, stopped_at=None).exclude(pk=worker.pk):
        if not _is_running(other):
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
    Worker.objects.filter(pk=worker.pk).update(stopped_at=timezone.now())


def any_alive() -> bool:
    """Whether some worker will take up a queued run soon."""
    recent = Worker.objects.filter(stopped_at=None, heartbeat_at__gt=timezone.now() - timedelta(seconds=LEASE_SECONDS))
    return any(worker.host != socket.gethostname() or _is_running(worker) for worker in recent)


def _is_running(worker: Worker) -> bool:
    try:
        process = psutil.Process(worker.pid)
        # A zombie has ended already; a start at another time is another process under the same number.
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - worker.process_started) < 1
    except psutil.NoSuchProcess:
        return False
