"""A Celery worker process: it holds one worker of ours and listens to the queues that this one can serve."""

import logging
import os
import signal
from fnmatch import fnmatchcase

from celery import Celery, bootsteps, signals
from django.conf import settings

from experiments.runner import tasks
from experiments.runner.hosting import Host
from experiments.runner.offers import Permits
from experiments.runner.queues import WORK

from .working import new_worker

log = logging.getLogger(__name__)

_FOLLOW_SECONDS = 0.5


class Listening(bootsteps.StartStopStep):
    """Follows what the host wants to listen to."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer) -> None:
        self._timer = consumer.timer.call_repeatedly(_FOLLOW_SECONDS, _follow, (consumer,))

    def stop(self, consumer) -> None:
        self._timer.cancel()


def host_worker(app: Celery) -> None:
    """Start a worker of ours in this process of Celery's. Call it before Celery listens."""
    tasks.host = Host(new_worker(offers=Permits()), _is_wanted)
    try:
        tasks.host.start(on_end=_end_process)
    except Exception as error:
        # Celery would log it and go on without us.
        raise SystemExit(f"The worker cannot start: {error}") from error
    app.steps["consumer"].add(Listening)
    signals.worker_shutting_down.connect(_stop)
    signals.worker_shutdown.connect(_join)
    signals.task_received.connect(_receive)


def _stop(**_) -> None:
    tasks.host.stop()


def _join(**_) -> None:
    tasks.host.join()


def _end_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _receive(sender, request, **_) -> None:
    """On Celery's own thread, before the next message is asked for."""
    if request.name == WORK:
        tasks.host.receive(request.delivery_info["routing_key"])
        _follow(sender)


def _follow(consumer) -> None:
    wanted = tasks.host.queues | {consumer.app.conf.task_default_queue}
    listening = {queue.name for queue in consumer.task_consumer.queues}
    for queue in wanted - listening:
        consumer.add_task_queue(queue)
    for queue in listening - wanted:
        consumer.cancel_task_queue(queue)


def _is_wanted(queue: str) -> bool:
    return any(fnmatchcase(queue, pattern) for pattern in settings.ASSAY_QUEUES)
