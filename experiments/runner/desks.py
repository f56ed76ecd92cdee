"""What a worker does beside runs, each kind at a desk of its own."""

import asyncio

from django.db.models import Model

from ..models import Measurement, Regrading, Scoring, Trial, TruthTest
from .database import DatabaseThread
from .execution import Equipment
from .measurements import Measurements
from .offers import Everything, Permits
from .regradings import RegradingDesk
from .scoring_desk import ScoringDesk
from .shared_models import SharedModels
from .trials import TrialDesk
from .truth_tests import TruthTests


class Desks:
    """Truth tests, measurements, scorings, regradings and trials."""

    def __init__(self, models: SharedModels, equipment: Equipment, database: DatabaseThread, lease_seconds: float):
        self._worker_id = equipment.worker_id
        self._truth_tests = TruthTests(database)
        self._measurements = Measurements(database)
        self._scorings = ScoringDesk(models, equipment, database, lease_seconds)
        self._regradings = RegradingDesk(self._worker_id, equipment.grading, database, lease_seconds)
        self._trials = TrialDesk(self._worker_id, models, equipment.grading, database)

    @property
    def is_busy(self) -> bool:
        desks = (self._truth_tests, self._measurements, self._scorings, self._regradings, self._trials)
        return any(each.is_busy for each in desks)

    @property
    def in_hand(self) -> dict[type[Model], set[int]]:
        """Numbers of what is under way, by kind."""
        return {
            TruthTest: self._truth_tests.in_hand,
            Measurement: self._measurements.in_hand,
            Scoring: self._scorings.in_hand,
            Regrading: self._regradings.in_hand,
            Trial: self._trials.in_hand,
        }

    @property
    def is_scoring(self) -> bool:
        return self._scorings.is_busy

    async def look(self, offers: Everything | Permits) -> None:
        """Take up what waits and may be taken. Raises DatabaseError."""
        await self._truth_tests.take_up(self._worker_id, offers.errands("truth_test"))
        await self._measurements.take_up(self._worker_id, offers.errands("measurement"))
        await self._scorings.look(offers.errands("scoring"))
        await self._regradings.look(offers.errands("regrading"))
        await self._trials.look(offers.errands("trial"))

    def close(self) -> list[asyncio.Task]:
        """Give back what another worker can go on with. Returns what is still ending."""
        return self._scorings.close() + self._regradings.close() + self._trials.close()

    async def aclose(self) -> None:
        await self._truth_tests.aclose()
        await self._measurements.aclose()
