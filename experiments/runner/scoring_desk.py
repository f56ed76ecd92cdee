"""The scorings that a worker has in hand."""

import asyncio
import time

from django.db.models import Q

from ..models import Scoring
from .database import DatabaseThread
from .execution import Equipment
from .offers import EVERY_ONE
from .rescoring import Rescoring
from .shared_models import SharedModels

LOOK_SECONDS = 1.0


class ScoringDesk:
    """Takes up what is queued, and lets go of what was cancelled."""

    def __init__(self, models: SharedModels, equipment: Equipment, database: DatabaseThread, lease_seconds: float):
        self._models = models
        self._equipment = equipment
        self._database = database
        self._lease_seconds = lease_seconds
        self._tasks: dict[int, asyncio.Task] = {}
        self._runs: dict[int, int] = {}
        self._looked_at = 0.0
        self._counted_at = time.monotonic()

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    @property
    def in_hand(self) -> set[int]:
        return set(self._tasks)

    async def look(self, among: Q = EVERY_ONE) -> None:
        """Once a second; what is newly claimed is `among` these. Raises DatabaseError."""
        self._count_busy_seconds()
        if time.monotonic() - self._looked_at < LOOK_SECONDS and self._looked_at:
            return
        self._looked_at = time.monotonic()
        mine = (self._equipment.worker_id, self._lease_seconds)
        running, claimed = await self._database.run(_look, list(self._tasks), among, *mine)
        for pk, task in self._tasks.items():
            if pk not in running and not task.cancelling():
                task.cancel()
        for scoring in claimed:
            self._begin(scoring)

    def close(self) -> list[asyncio.Task]:
        """Let go of everything; what is being asked is asked again by the next worker. Returns what is still ending."""
        for task in self._tasks.values():
            task.cancel()
        return list(self._tasks.values())

    def _begin(self, scoring: Scoring) -> None:
        def ended(_: asyncio.Task) -> None:
            del self._tasks[scoring.pk], self._runs[scoring.pk]

        rescoring = Rescoring(scoring, self._models, self._equipment, self._database)
        self._runs[scoring.pk] = scoring.run_id
        self._tasks[scoring.pk] = asyncio.create_task(rescoring.perform())
        self._tasks[scoring.pk].add_done_callback(ended)

    def _count_busy_seconds(self) -> None:
        now = time.monotonic()
        for run_id in self._runs.values():
            self._equipment.recorder.add_busy_seconds(run_id, now - self._counted_at)
        self._counted_at = now


def _look(held: list[int], among: Q, worker_id: int, lease_seconds: float) -> tuple[set[int], list[Scoring]]:
    """Which of those held may go on, and which are newly claimed."""
    mine = Scoring.objects.filter(pk__in=held, state=Scoring.State.RUNNING, worker=worker_id)
    return set(mine.values_list("pk", flat=True)), Scoring.objects.filter(among).claim(worker_id, lease_seconds)
