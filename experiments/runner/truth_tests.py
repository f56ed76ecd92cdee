"""The truth tests that people asked for, taken by a worker beside its runs."""

import asyncio
import logging
import time
from typing import Any

from django.db.models import Q

from ..domain.errors import AssayError
from ..inference import key_files
from ..inference.base import backends
from ..models import TruthTest
from .database import DatabaseThread
from .offers import EVERY_ONE

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
# Each asks one question after the other, so a slow endpoint may not keep the others waiting.
MOST_AT_ONCE = 4


class TruthTests:
    """Those under way in this worker. What was seen is stored after every question."""

    def __init__(self, database: DatabaseThread):
        self._database = database
        self._tasks: dict[int, asyncio.Task] = {}
        self._look_at = 0.0

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    @property
    def in_hand(self) -> set[int]:
        return set(self._tasks)

    async def take_up(self, worker_id: int, among: Q = EVERY_ONE) -> None:
        """Begin the next one that waits `among` these, if there is one."""
        if len(self._tasks) >= MOST_AT_ONCE or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_SECONDS
        if test := await self._database.run(TruthTest.objects.filter(among).claim, worker_id):
            self._tasks[test.pk] = asyncio.create_task(self._perform(test))
            self._tasks[test.pk].add_done_callback(lambda _: self._tasks.pop(test.pk))

    async def aclose(self) -> None:
        """Stop asking. `TruthTest.objects.give_up` then says so to those who wait."""
        left = list(self._tasks.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _perform(self, test: TruthTest) -> None:
        async def note(rows: list[dict[str, Any]], n_done: int, n_steps: int) -> None:
            await self._database.run(test.note_step, rows, n_done, n_steps)

        try:
            await self._database.run(key_files.refresh)
            report = await backends.build(test.backend, test.params).truth_test(note)
            await self._database.run(test.finish, report)
        except AssayError as error:
            await self._database.run(test.fail, str(error))
        except Exception as error:
            log.exception("Truth test %s broke", test.pk)
            await self._database.run(test.fail, f"An error in the program stopped it ({error}). The log has the details.")
