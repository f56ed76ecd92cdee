"""The measurements that people asked for, taken by a worker one after the other: two at once would disturb each other."""

import asyncio
import logging
import time

from django.db.models import Q

from ..domain.errors import AssayError
from ..inference.base import backends
from ..models import Measurement
from .database import DatabaseThread
from .offers import EVERY_ONE

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5


class _Stopping(Exception):
    """The worker ends; nothing is to be measured any more."""


class Measurements:
    """The one under way in this worker. A line is stored after every trial."""

    def __init__(self, database: DatabaseThread):
        self._database = database
        self._task: asyncio.Task | None = None
        self._pk = 0
        self._look_at = 0.0
        self._is_stopping = False

    @property
    def is_busy(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def in_hand(self) -> set[int]:
        return {self._pk} if self.is_busy else set()

    async def take_up(self, worker_id: int, among: Q = EVERY_ONE) -> None:
        """Begin the next one that waits `among` these, if there is one."""
        if self.is_busy or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_SECONDS
        if measurement := await self._database.run(Measurement.objects.filter(among).claim, worker_id):
            self._pk = measurement.pk
            self._task = asyncio.create_task(self._perform(measurement))

    async def aclose(self) -> None:
        """End after the trial under way. `Measurement.objects.give_up` then says so to those who wait."""
        self._is_stopping = True
        if self._task:
            await self._task

    async def _perform(self, measurement: Measurement) -> None:
        loop = asyncio.get_running_loop()

        def report(line: str) -> None:
            asyncio.run_coroutine_threadsafe(self._database.run(measurement.note_trial, line), loop).result()
            if self._is_stopping:
                raise _Stopping

        entry = measurement.language_model
        try:
            await asyncio.to_thread(backends.build(entry.backend, entry.params).calibrate, report)
            await self._database.run(measurement.finish)
        except _Stopping:
            return
        except AssayError as error:
            await self._database.run(measurement.fail, str(error))
        except Exception as error:
            log.exception("Measurement %s broke", measurement.pk)
            await self._database.run(measurement.fail, f"An error in the program stopped it ({error}). The log has the details.")
