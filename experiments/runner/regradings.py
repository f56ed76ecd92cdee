"""Marking a finished run's answers by another grader: planned here, done by a worker in pages, each stored before the next."""

import asyncio
import logging
import time

from django.db import transaction
from django.db.models import Q

from ..domain.errors import AssayError, InvalidInput
from ..domain.types import FinishReason
from ..graders.base import Grader, grader_key, graders
from ..graders.isolation import GradingPool
from ..graders.marking import marked
from ..models import AuditEntry, Grade, Regrading, Run, Sample
from .database import DatabaseThread
from .frozen import FrozenRun
from .offers import EVERY_ONE
from .tidying_texts import check_has_texts

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
#: Texts marked between two looks at whether it was cancelled.
PAGE = 200


def begin_regrading(run: Run, grader: str, params: dict, user) -> Regrading:
    """Queue the run's answers to be marked by the grader; one that stopped before its end goes on.

    Raises InvalidInput where it cannot be done, or was done.
    """
    plugin = graders.build(grader, params)
    key = grader_key(plugin)
    if not run.is_finished:
        raise InvalidInput(f"Run {run.pk} is {run.state}: it can be marked by another grader when it has ended.")
    check_has_texts(run)
    if key == run.config["grader"]["key"]:
        raise InvalidInput(f"“{key}” is the grader that marked run {run.pk} while it ran. Choose another one, or other options.")
    known = run.regradings.filter(key=key).first()
    if known:
        if not known.queue():
            raise InvalidInput(f"Run {run.pk} has been marked by “{key}” before: that is {known.state}.")
        AuditEntry.objects.record(user, AuditEntry.Action.REGRADING_STARTED, run, grader=key)
        return known
    if not Regrading(run=run, key=key).answers().exists():
        raise InvalidInput(f"Run {run.pk} has no graded answer.")
    AuditEntry.objects.record(user, AuditEntry.Action.REGRADING_STARTED, run, grader=key)
    return Regrading.objects.create(run=run, key=key, grader=plugin.name, params=plugin.model_dump(mode="json"), started_by=user)


class RegradingDesk:
    """The one that this worker has in hand; the grades it stored stay whatever happens."""

    def __init__(self, worker_id: int, grading: GradingPool, database: DatabaseThread, lease_seconds: float):
        self._worker_id = worker_id
        self._grading = grading
        self._database = database
        self._lease_seconds = lease_seconds
        self._task: asyncio.Task | None = None
        self._pk = 0
        self._look_at = 0.0

    @property
    def is_busy(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def in_hand(self) -> set[int]:
        return {self._pk} if self.is_busy else set()

    async def look(self, among: Q = EVERY_ONE) -> None:
        """Take up the next one that waits `among` these, if there is one. Raises DatabaseError."""
        if self.is_busy or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_SECONDS
        free = Regrading.objects.filter(among)
        regrading = await self._database.run(free.claim, self._worker_id, self._lease_seconds)
        if regrading:
            self._pk = regrading.pk
            self._task = asyncio.create_task(self._perform(regrading))

    def close(self) -> list[asyncio.Task]:
        """Let go; what is left is marked by the next worker. Returns what is still ending."""
        if not self.is_busy:
            return []
        self._task.cancel()
        return [self._task]

    async def _perform(self, regrading: Regrading) -> None:
        try:
            run = await self._database.run(FrozenRun, regrading.run)
            grader = graders.build(regrading.grader, regrading.params)
            while page := await self._database.run(_page, regrading, self._worker_id):
                grades = await asyncio.gather(*(self._grade(run, grader, regrading.key, sample) for sample in page))
                await self._database.run(_store, grades)
        except AssayError as error:
            await self._database.run(regrading.fail, str(error))
        except Exception as error:
            log.exception("Regrading %s broke", regrading.pk)
            note = f"An error in the program stopped it ({type(error).__name__}: {error}). The log has the details."
            await self._database.run(regrading.fail, note)
        else:
            await self._database.run(regrading.complete)

    async def _grade(self, run: FrozenRun, grader: Grader, key: str, sample: Sample) -> Grade:
        condition, problem = run.condition_of(sample.attempt), sample.attempt.problem
        question = condition.question(problem)
        mark, seconds = await marked(
            self._grading,
            grader,
            sample.whole_text,
            FinishReason(sample.finish_reason),
            question,
            condition.target(problem, question),
        )
        return Grade(
            run_id=sample.run_id,
            sample=sample,
            grader=key,
            verdict=mark.verdict.value,
            score=mark.score,
            extracted=mark.extracted,
            canonical=mark.canonical,
            explanation=mark.explanation,
            details=mark.details,
            seconds=seconds,
        )


def _page(regrading: Regrading, worker_id: int) -> list[Sample]:
    """The next answers to mark; none once they are done, or it was cancelled or taken by another worker."""
    if not Regrading.objects.filter(pk=regrading.pk, state=Regrading.State.RUNNING, worker=worker_id).exists():
        return []
    rows = regrading.unmarked().select_related("attempt__problem", "attempt__condition").defer("logprobs")
    return list(rows[:PAGE])


def _store(grades: list[Grade]) -> None:
    """The run's counters are about its own grader and stay."""
    with transaction.atomic():
        Run.objects.filter(pk__in={grade.run_id for grade in grades}).take_turns()
        Grade.objects.bulk_create(grades, ignore_conflicts=True)
