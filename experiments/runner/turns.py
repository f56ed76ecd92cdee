"""Who may ask a language model next: the waiting runs in rotation, whatever the number of requests each has waiting."""

import asyncio
from collections import deque
from contextlib import asynccontextmanager


class Turns:
    """At most `limit` requests inside at once. Inside one run, first come, first served."""

    def __init__(self, limit: int):
        self._free = limit
        self._waiting: dict[int, deque[asyncio.Future]] = {}

    @asynccontextmanager
    async def turn(self, run: int):
        await self._enter(run)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, run: int) -> None:
        if self._free:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(run, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()  # the turn came in the same moment; hand it on
            raise

    def _leave(self) -> None:
        while self._waiting:
            run = next(iter(self._waiting))
            queue = self._waiting.pop(run)
            place = queue.popleft()
            if queue:
                self._waiting[run] = queue  # at the end of the rotation
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
