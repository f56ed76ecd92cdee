"""One attempt from claim to finish."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ..domain.errors import AssayError, PermanentInferenceError
from ..domain.log_context import working_for
from ..domain.types import Outcome
from ..graders.isolation import GradingPool
from ..models import Attempt, Grade, Sample, VerifierScore
from .asking import Asking, Door, HeldUp, Place
from .calls import AttemptCalls, TakenOver
from .drafts import DraftBoard
from .frozen import FrozenRun
from .journal import Journal
from .judging import Judge
from .lab import AttemptLab
from .recording import Recorder
from .retries import Retries
from .reuse import Answers
from .shared_models import SharedModel
from .storing import AttemptEnding

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Equipment:
    """What all attempts of a worker share."""

    worker_id: int
    recorder: Recorder
    drafts: DraftBoard
    grading: GradingPool
    retries: Retries


@dataclass(frozen=True)
class Claimed:
    """An attempt this worker leases, with what earlier workers stored of it."""

    attempt: Attempt
    samples: list[Sample]
    scores: list[VerifierScore]
    grades: list[Grade]
    answers: Answers  # of earlier runs, where they may be used again


class RunControl(Protocol):
    """What an attempt may say about its whole run."""

    def fail(self, reason: str) -> None:
        """It cannot go on."""

    def hold(self, error: AssayError, model: SharedModel) -> None:
        """It cannot go on for now: one of `asking.PAUSING`."""

    def answered(self, model: SharedModel) -> None:
        """A paid call was answered."""


def lab_for(
    claimed: Claimed,
    run: FrozenRun,
    models: dict[str, SharedModel],
    equipment: Equipment,
    answered: Callable[[SharedModel], None],
    is_leased: bool = True,
) -> tuple[AttemptLab, Judge]:
    """The lab for an attempt, and who judges in it, knowing what is stored.

    `models` are those that may be asked, by name; `answered` hears of each paid call. Without a lease, as for scoring what
    is there, nobody can take the attempt over.
    """
    attempt, condition = claimed.attempt, run.condition_of(claimed.attempt)
    question = condition.question(attempt.problem)
    target = condition.target(attempt.problem, question)
    judge = Judge(run, question, target, equipment.recorder, equipment.grading)
    judge.remember(claimed.scores, claimed.grades)

    def door(name: str) -> Door:
        told = partial(answered, models[name])
        who = (run.pk, attempt.pk, name, equipment.worker_id)
        return Door(models[name], AttemptCalls(*who, equipment.recorder, told, is_leased))

    doors = {"" if name == condition.language_model else name: door(name) for name in models}
    doors |= {name: doors[""] for name in run.judges if name == condition.language_model}
    place = Place(run.pk, attempt.pk, attempt.problem.key, condition.key)
    lab = AttemptLab(
        place,
        Journal((run.seed, condition.key, attempt.problem.key, attempt.repeat), claimed.samples),
        condition.decoding,
        claimed.answers,
        Asking(place, doors, equipment.recorder, equipment.drafts, equipment.retries, run.measures),
        judge,
        equipment.recorder,
        condition.strategy.uses_oracle,
        run.backends[condition.language_model].capabilities,
    )
    return lab, judge


class Execution:
    """Solve one claimed attempt. `models` are its own and its judges', by name."""

    def __init__(
        self, claimed: Claimed, run: FrozenRun, models: dict[str, SharedModel], equipment: Equipment, control: RunControl
    ):
        self._attempt = attempt = claimed.attempt
        self._condition = condition = run.condition_of(attempt)
        self.model = models[condition.language_model]
        self._equipment = equipment
        self._control = control
        self._question = condition.question(attempt.problem)
        self._lab, self._judge = lab_for(claimed, run, models, equipment, control.answered)
        self._solving: asyncio.Task | None = None
        self._pausing = False

    @property
    def n_left(self) -> int:
        """Samples still to come that may be asked for together, at least 1 while the attempt is under way."""
        strategy = self._condition.strategy
        return max(1, min(strategy.samples_at_once, strategy.samples_per_attempt - self._n_texts))

    @property
    def _n_texts(self) -> int:
        return sum(row.purpose != Sample.Purpose.JUDGE for row in self._lab.rows)

    def pause(self) -> None:
        """Take no new samples; those being generated are still stored and graded, then the attempt is given back."""
        self._pausing = True
        if self._solving:
            self._solving.cancel()
        self._lab.stop_asking()

    async def perform(self) -> None:
        """Until the attempt is done, failed or given back. Cancelling gives it back at once."""
        with working_for(run=self._attempt.run_id, attempt=self._attempt.pk):
            await self._perform()

    async def _perform(self) -> None:
        ending = self._ending(Attempt.State.PENDING)
        try:
            if await self._solve():
                ending = self._finished()
        except HeldUp as held:
            self._control.hold(held.obstacle, held.model)
        except TakenOver:
            log.info("Attempt %s was taken over by another worker", self._attempt.pk)
        except PermanentInferenceError as error:
            self._control.fail(str(error))
        except AssayError as error:
            ending = self._ending(Attempt.State.FAILED, str(error))
        except Exception as error:
            # A bug in a method: a short note for the user, the traceback for the log.
            log.exception("Attempt %s of run %s broke", self._attempt.pk, self._attempt.run_id)
            note = f"{self._condition.strategy.label}: {type(error).__name__}: {error}"
            ending = self._ending(Attempt.State.FAILED, note)
            self._control.fail(f"An error in the program stopped the run ({note}). The log has the details.")
        finally:
            await self._lab.abandon()
            await self._equipment.recorder.store(self._attempt.run_id, ending)

    async def _solve(self) -> bool:
        """True when the strategy came to its end, False when it was paused before."""
        if not self._pausing:
            self._solving = asyncio.create_task(self._condition.strategy.solve(self._question, self._lab))
            try:
                await self._solving
            except asyncio.CancelledError:
                if not self._pausing or asyncio.current_task().cancelling():
                    raise
            except HeldUp as held:
                # At once, so that nothing more is asked; what is under way still comes in.
                self._control.hold(held.obstacle, held.model)
        await self._lab.settled()
        is_solved = self._solving is not None and not self._solving.cancelled()
        if is_solved:
            self._lab.score_pool()
            await self._lab.settled()
        return is_solved

    def _finished(self) -> AttemptEnding:
        outcome: Outcome = self._solving.result()
        summary = self._judge.summary(self._lab.handed_in)
        summary |= {"chosen_id": self._lab.pk_of(outcome.chosen), "trace": outcome.trace}
        texts = [row for row in self._lab.rows if row.purpose != Sample.Purpose.JUDGE]
        if texts and all(row.finish_reason == Sample.FinishReason.FAILED for row in texts):
            return self._ending(Attempt.State.FAILED, f"Every sample failed: {texts[0].error}", summary)
        return self._ending(Attempt.State.DONE, summary=summary)

    def _ending(self, state: str, error: str = "", summary: dict | None = None) -> AttemptEnding:
        attempt = self._attempt
        off = self._n_texts - self._condition.strategy.samples_per_attempt
        return AttemptEnding(attempt.run_id, attempt.pk, self._equipment.worker_id, state, error, summary or {}, off)
