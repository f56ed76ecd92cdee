"""The work on a scoring: every attempt of a finished run once more, not to write anything but to judge what is there."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from ..domain.errors import AssayError
from ..inference.base import EndpointDown
from ..models import Attempt, Call, Grade, Sample, Scoring, VerifierScore
from .asking import HeldUp
from .database import DatabaseThread
from .execution import Claimed, Equipment, lab_for
from .frozen import FrozenRun
from .shared_models import SharedModel, SharedModels

log = logging.getLogger(__name__)

# Attempts are under way for this many times what a language model takes at once, so that it never runs dry.
AHEAD = 2
MOST_AT_ONCE = 16


class Rescoring:
    """One scoring, which this worker leases. What is stored is not asked for again: judges' texts are in the journal."""

    def __init__(self, scoring: Scoring, models: SharedModels, equipment: Equipment, database: DatabaseThread):
        self.scoring = scoring
        self._models = models
        self._equipment = equipment
        self._database = database

    async def perform(self) -> None:
        """Until every answer has its score, or the scoring is held up. Cancelling leaves it leased."""
        try:
            self._frozen = await self._database.run(FrozenRun, self.scoring.run, self.scoring)
            await self._insist()
        except HeldUp as held:
            await self._database.run(self.scoring.pause, str(held.obstacle))
        except AssayError as error:
            await self._database.run(self.scoring.fail, str(error))
        except Exception as error:
            log.exception("Scoring %s broke", self.scoring.pk)
            note = f"An error in the program stopped it ({type(error).__name__}: {error}). The log has the details."
            await self._database.run(self.scoring.fail, note)
        else:
            await self._database.run(self.scoring.complete)

    async def _insist(self) -> None:
        """Score everything; wait where an endpoint is down."""
        try:
            await self._score_all()
        except HeldUp as held:
            if not isinstance(held.obstacle, EndpointDown):
                raise
            await asyncio.sleep(max(0.0, held.obstacle.retry_at - time.time()))
            await self._insist()

    async def _score_all(self) -> None:
        attempts = await self._database.run(_unscored_attempts, self.scoring)
        by_models: dict[tuple[str, ...], list[int]] = {}
        for attempt, condition in attempts:
            by_models.setdefault(self._needed(condition), []).append(attempt)
        for names, group in by_models.items():
            with ExitStack() as using:
                models = await self._connect(names)
                for model in models.values():
                    using.enter_context(self._models.in_use(model))
                await _side_by_side(lambda attempt, models=models: self._score(attempt, models), group, self._at_once(models))

    def _needed(self, condition: str) -> tuple[str, ...]:
        """The language models that are asked about this condition's texts."""
        own = self._frozen.language_model_of(condition)
        asked = [verifier.judge for verifier in self._frozen.verifiers.values() if verifier.judge is not None]
        return tuple(sorted({name or own for name in asked}))

    async def _connect(self, names: tuple[str, ...]) -> dict[str, SharedModel]:
        ready = asyncio.Event()
        backends = [self._frozen.backends[name] for name in names]
        while (connected := self._models.get_together(backends, ready.set)) is None:
            await ready.wait()
            ready.clear()
        return dict(zip(names, connected, strict=True))

    def _at_once(self, models: dict[str, SharedModel]) -> int:
        room = max((model.client.max_in_flight for model in models.values()), default=MOST_AT_ONCE)
        return max(2, min(MOST_AT_ONCE, math.ceil(AHEAD * room / self._frozen.largest_pool)))

    async def _score(self, attempt: int, models: dict[str, SharedModel]) -> None:
        claimed, handed_in = await self._database.run(_stored, attempt, self.scoring.key, self._frozen.grader_key)
        lab, _ = lab_for(claimed, self._frozen, models, self._equipment, lambda model: None, is_leased=False)
        lab.take_over(claimed.samples, handed_in)
        try:
            lab.score_each()
            lab.score_pool()
            await lab.settled()
        finally:
            await lab.abandon()


async def _side_by_side(work: Callable, items: Sequence[int], limit: int) -> None:
    """At most so many at once. The first that fails is raised when those under way have ended."""
    waiting = iter(items)
    failures: list[BaseException] = []

    async def one_after_the_other() -> None:
        for item in waiting:
            if failures:
                return
            try:
                await work(item)
            except Exception as error:
                failures.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(one_after_the_other())
    if failures:
        raise failures[0]


def _unscored_attempts(scoring: Scoring) -> list[tuple[int, str]]:
    """(attempt, condition's key) in the order of work, of those with an answer that is not scored yet."""
    left = Attempt.objects.filter(pk__in=scoring.unscored().order_by().values("attempt"))
    Call.objects.filter(attempt__in=left).exclude(worker=scoring.worker_id).give_up()
    return list(left.order_by("position").values_list("pk", "condition__key"))


def _stored(attempt: int, key: str, grader: str) -> tuple[Claimed, set[int]]:
    """All that is known of the attempt, and which of its samples were handed in."""
    found = Attempt.objects.select_related("problem", "condition").get(pk=attempt)
    samples = list(Sample.objects.filter(attempt=attempt).order_by("pk"))
    grades = list(Grade.objects.filter(sample__attempt=attempt, grader=grader))
    scores = list(VerifierScore.objects.filter(sample__attempt=attempt, verifier=key))
    return Claimed(found, samples, scores, grades, {}), {grade.sample_id for grade in grades}
