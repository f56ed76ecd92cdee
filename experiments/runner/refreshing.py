"""Keeps findings up to date while attempts end, without spending more than a tenth of the time on it."""

import asyncio
import logging
import time
from collections.abc import Callable

from django.db import connection

log = logging.getLogger(__name__)

SHORTEST_SECONDS = 2.0
# A refresh waits ten times as long as the last one took.
TIMES_LAST_DURATION = 10


class FindingsRefresh:
    """`refresh(run_id)` is a plain function that stores a run's findings; it is called in a thread, one at a time."""

    def __init__(self, refresh: Callable[[int], None]):
        self._refresh = refresh
        self._outdated: set[int] = set()
        self._due_at: dict[int, float] = {}
        self._one_at_a_time = asyncio.Lock()
        self._running: asyncio.Task | None = None

    def mark(self, run_id: int) -> None:
        """Something came in that the run's findings do not know yet."""
        self._outdated.add(run_id)

    def is_outdated(self, run_id: int) -> bool:
        return run_id in self._outdated

    def start_due(self) -> None:
        """Begin the refresh of a run whose time has come."""
        if self._running and not self._running.done():
            return
        now = time.monotonic()
        due = [run_id for run_id in self._outdated if self._due_at.get(run_id, 0) <= now]
        if due:
            self._running = asyncio.create_task(self.refresh(min(due, key=lambda run_id: self._due_at.get(run_id, 0))))

    async def refresh(self, run_id: int) -> None:
        """Refresh now. A refresh that fails is logged and does not hold up the run: its samples are stored."""
        async with self._one_at_a_time:
            self._outdated.discard(run_id)
            started = time.monotonic()
            try:
                await asyncio.to_thread(self._in_thread, run_id)
            except Exception:
                log.exception("The findings of run %s could not be refreshed", run_id)
            duration = time.monotonic() - started
            self._due_at[run_id] = time.monotonic() + max(SHORTEST_SECONDS, TIMES_LAST_DURATION * duration)

    def _in_thread(self, run_id: int) -> None:
        try:
            self._refresh(run_id)
        finally:
            connection.close()
