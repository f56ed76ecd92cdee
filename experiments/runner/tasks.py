"""Celery's tasks. Each message is only a name; what is to be done stands in the database."""

import itertools
import logging
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

from celery import shared_task
from celery.exceptions import Reject
from django.db import DatabaseError, connection

from ..models import Batch
from . import placing
from .hosting import Host
from .offers import Permit
from .queues import ERRAND, PLACE, WORK

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
T = TypeVar("T")

#: Set when a worker process starts.
host: Host | None = None


@shared_task(name=WORK, bind=True)
def work(self, batch_id: str) -> None:
    """Let this process's worker claim attempts, and return when they have ended or were given back."""
    queue, pk = self.request.delivery_info["routing_key"], uuid.UUID(batch_id)
    try:
        tries = itertools.count()
        batch = _patiently(lambda: Batch.objects.take(pk, host.worker_id, again=next(tries) > 0))
        if batch is None:
            return  # another message of this batch came first, or its run is over
        permit = Permit(batch.run_id, batch.language_model)
        host.do(permit)
        permit.closed.result()
    finally:
        host.release(queue)
    if host.is_working:
        _patiently(lambda: Batch.objects.close(pk))
        if permit.n_claimed:
            _patiently(placing.place)
        permit.ended.result()
    _patiently(lambda: Batch.objects.filter(pk=pk).delete())
    if permit.n_claimed or not host.is_working:
        _patiently(placing.place)


@shared_task(name=PLACE)
def place() -> None:
    """Now and then, for what went missing."""
    try:
        placing.place()
    except DatabaseError as error:
        log.warning("The database did not answer, so nothing was placed: %s", error)


@shared_task(name=ERRAND)
def errand(kind: str, pk: int) -> None:
    """Let this process's worker take what somebody asked for beside the runs."""
    host.errand(kind, pk)


def _patiently(ask: Callable[[], T]) -> T:
    """What the database answers, however long it is away. A worker that stops meanwhile leaves its message to another one."""
    while True:
        try:
            return ask()
        except DatabaseError as error:
            log.warning("The database did not answer, trying again: %s", error)
            if not host.is_working:
                raise Reject("The worker stops.", requeue=True) from error
        finally:
            connection.close()  # others need it while this thread waits
        time.sleep(_PAUSE_SECONDS)
