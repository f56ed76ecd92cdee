"""The trials that people asked for in the prompt editor, drawn by a worker beside its runs with the models it shares."""

import asyncio
import logging
import time

from django.db.models import Q

from ..domain.errors import AssayError
from ..domain.types import Decoding, FinishReason, Message, Question
from ..graders.base import graders
from ..graders.isolation import GradingPool
from ..graders.marking import marked
from ..inference.base import Generation, Request, backends
from ..models import Trial
from .database import DatabaseThread
from .offers import EVERY_ONE
from .shared_models import SharedModel, SharedModels

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
# What is written so far is stored this often, and this often it is seen that nobody wants it any more.
STORE_SECONDS = 0.3
MOST_AT_ONCE = 4


class TrialDesk:
    """Those under way in this worker."""

    def __init__(self, worker_id: int, models: SharedModels, grading: GradingPool, database: DatabaseThread):
        self._worker_id = worker_id
        self._models = models
        self._grading = grading
        self._database = database
        self._tasks: dict[int, asyncio.Task] = {}
        self._look_at = 0.0

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    @property
    def in_hand(self) -> set[int]:
        return set(self._tasks)

    async def look(self, among: Q = EVERY_ONE) -> None:
        """Begin the next one that waits `among` these, if there is one."""
        if len(self._tasks) >= MOST_AT_ONCE or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_SECONDS
        if trial := await self._database.run(Trial.objects.filter(among).claim, self._worker_id):
            self._tasks[trial.pk] = asyncio.create_task(self._perform(trial))
            self._tasks[trial.pk].add_done_callback(lambda _: self._tasks.pop(trial.pk))

    def close(self) -> list[asyncio.Task]:
        """Stop writing. `Trial.objects.give_up` then says so to those who wait."""
        left = list(self._tasks.values())
        for task in left:
            task.cancel()
        return left

    async def _perform(self, trial: Trial) -> None:
        try:
            model = await self._connected(trial)
            with self._models.in_use(model):
                drawn = await self._drawn(trial, model)
            if drawn is not None:
                await self._store(trial, drawn)
        except AssayError as error:
            await self._database.run(trial.fail, str(error))
        except Exception as error:
            log.exception("Trial %s broke", trial.pk)
            await self._database.run(trial.fail, f"An error in the program stopped it ({error}). The log has the details.")

    async def _connected(self, trial: Trial) -> SharedModel:
        backend = backends.build(trial.backend, trial.params).told(trial.language_model.truth)
        ready = asyncio.Event()
        while (model := self._models.get(backend, ready.set)) is None:
            ready.clear()
            try:
                async with asyncio.timeout(STORE_SECONDS):
                    await ready.wait()
            except TimeoutError:
                continue
        return model

    async def _drawn(self, trial: Trial, model: SharedModel) -> Generation | None:
        """The finished text; None where it was stopped on the page."""
        so_far = ""

        def note(text: str) -> None:
            nonlocal so_far
            so_far = text

        request = Request(
            messages=tuple(Message(**each) for each in trial.messages),
            decoding=Decoding(**trial.decoding),
            seed=trial.seed,
            run=f"trial {trial.pk}",
            attempt=f"trial {trial.pk}",
        )
        writing = asyncio.create_task(model.client.generate(request, note))
        try:
            while not (await asyncio.wait([writing], timeout=STORE_SECONDS))[0]:
                if not await self._database.run(trial.write, so_far):
                    return None
            return writing.result()
        finally:
            writing.cancel()

    async def _store(self, trial: Trial, drawn: Generation) -> None:
        outcome = {
            "text": drawn.text,
            "finish_reason": drawn.finish_reason.value,
            "prompt_tokens": drawn.usage.prompt_tokens,
            "completion_tokens": drawn.usage.completion_tokens,
            "seconds": drawn.seconds,
            "cost": drawn.cost,
        }
        if drawn.finish_reason == FinishReason.FAILED:
            await self._database.run(lambda: trial.fail(drawn.error, **outcome))
            return
        if trial.grader:
            problem, messages = trial.problem, tuple(Message(**each) for each in trial.messages)
            question = Question(problem.key, messages, tuple(problem.choices), problem.metadata, problem.slots)
            grader = graders.build(trial.grader, {})
            mark, _ = await marked(self._grading, grader, drawn.text, drawn.finish_reason, question, problem.target)
            outcome |= {"verdict": mark.verdict.value, "explanation": mark.explanation}
        await self._database.run(lambda: trial.finish(**outcome))
