"""A worker beside Celery's: it runs in a thread of its own, and Celery's tasks hand it their batches."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable

from django.db import DatabaseError

from ..models import Worker as WorkerRow
from . import placing
from .database import DatabaseThread
from .offers import Permit
from .queues import errands_of
from .routes import known_queues
from .worker import Worker

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0


class Host:
    """One for each Celery worker process. `wants(queue)` says which queues this machine was told to serve."""

    def __init__(self, worker: Worker, wants: Callable[[str], bool]):
        self._worker = worker
        self._wants = wants
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._database = DatabaseThread()
        self._serving: frozenset[str] = frozenset()
        self._in_hand: Counter[str] = Counter()
        self._permits: set[Permit] = set()
        self._lock = threading.Lock()
        self._has_ended = False
        self._on_end: Callable[[], None] = lambda: None
        self.error: BaseException | None = None

    @property
    def worker_id(self) -> int:
        return self._worker.pk

    @property
    def is_working(self) -> bool:
        return self._thread.is_alive() and not self._worker.is_stopping

    def start(self, on_end: Callable[[], None]) -> None:
        """Return once the worker is registered. `on_end` is called in its thread if it ends without having been stopped."""
        self._on_end = on_end
        self._thread.start()
        while not self._worker.registered.wait(0.1):
            if self.error:
                raise self.error
            if not self._thread.is_alive():
                return

    def stop(self) -> None:
        """Give everything back; returns at once."""
        self._tell(self._worker.stop)

    def join(self) -> None:
        self._thread.join()

    def do(self, permit: Permit) -> None:
        """Let the worker claim what the permit allows; returns at once. After the worker's end the permit ends unused."""
        with self._lock:
            if self._has_ended:
                _end(permit)
            else:
                self._permits = {each for each in self._permits if not each.ended.done()} | {permit}
        self._tell(self._worker.take, permit)

    def errand(self, kind: str, pk: int) -> None:
        self._tell(self._worker.take_errand, kind, pk)

    def receive(self, queue: str) -> None:
        """A message of this queue came; it counts until `release`."""
        with self._lock:
            self._in_hand[queue] += 1

    def release(self, queue: str) -> None:
        with self._lock:
            self._in_hand[queue] -= 1

    @property
    def queues(self) -> frozenset[str]:
        """Those to take messages from now: a full hand leaves batches to other machines."""
        with self._lock:
            with_room = {queue for queue in self._serving if self._in_hand[queue] < placing.AT_ONCE}
        return frozenset(with_room.union(map(errands_of, self._serving)))

    def _work(self) -> None:
        try:
            self._loop.run_until_complete(self._run())
        except BaseException as error:
            self.error = error
            log.exception("The worker ended")
        finally:
            with self._lock:
                self._has_ended = True
                for permit in self._permits:
                    _end(permit)
            if not self._worker.is_stopping:
                self._on_end()

    async def _run(self) -> None:
        looking = asyncio.create_task(self._look())
        try:
            await self._worker.run()
        finally:
            looking.cancel()
            await self._database.close()

    def _tell(self, function: Callable, *arguments: object) -> None:
        """Have it called on the worker's event loop. One that has ended is told nothing."""
        if not self._has_ended:
            self._loop.call_soon_threadsafe(function, *arguments)

    async def _look(self) -> None:
        """Models are added and endpoints entered while workers run."""
        while True:
            if self._worker.registered.is_set():
                try:
                    self._serving = await self._database.run(self._find_queues)
                except DatabaseError as error:
                    log.warning("The queues could not be looked up: %s", error)
            await asyncio.sleep(LOOK_SECONDS if self._serving else 0.1)

    def _find_queues(self) -> frozenset[str]:
        queues = frozenset(filter(self._wants, known_queues()))
        if queues != self._serving:
            WorkerRow.objects.filter(pk=self.worker_id).update(queues=sorted(queues))
        return queues


def _end(permit: Permit) -> None:
    permit.close()
    permit.settle(())
