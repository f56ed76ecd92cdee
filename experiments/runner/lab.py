"""The lab a strategy works in: draws come from the journal, or else from the language model and are stored first."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..domain.errors import PromptRefused, TransientInferenceError
from ..domain.types import Decoding, FinishReason, Message, Sample, Usage
from ..inference.base import EndpointDown, Generation, Request
from ..models import Sample as SampleRow
from .calls import AttemptCalls
from .drafts import DraftBoard
from .journal import Draw, Journal
from .judging import Judge
from .recording import Recorder
from .retries import Retries
from .reuse import Answers, copy_of
from .shared_models import SharedModel


@dataclass(frozen=True)
class Place:
    """Which attempt the lab works for, as requests and drafts name it."""

    run: int
    attempt: int
    problem: str
    condition: str


class AttemptLab:
    """`domain.lab.Lab` for one attempt.

    A sample is handed to the strategy only when it is stored: what follows from it can then be replayed. Draws go on
    when the strategy is cancelled, so that a pause loses nothing that was begun.
    """

    def __init__(
        self,
        place: Place,
        journal: Journal,
        decoding: Decoding,
        answers: Answers,
        model: SharedModel,
        judge: Judge,
        recorder: Recorder,
        drafts: DraftBoard,
        retries: Retries,
        calls: AttemptCalls,
    ):
        self.rows: list[SampleRow] = []
        self._place = place
        self._journal = journal
        self._decoding = decoding
        self._answers = answers
        self._model = model
        self._judge = judge
        self._recorder = recorder
        self._drafts = drafts
        self._retries = retries
        self._calls = calls
        self._tasks: set[asyncio.Task] = set()
        self._waiting: set[asyncio.Task] = set()

    async def generate(
        self, messages: tuple[Message, ...], n: int = 1, *, decoding: Decoding | None = None, parent: Sample | None = None
    ) -> list[Sample]:
        decoding = decoding or self._decoding
        draws = [self._journal.draw(messages, decoding) for _ in range(n)]
        tasks = [self._spawn(self._obtain(draw, messages, decoding, parent)) for draw in draws]
        return list(await asyncio.gather(*map(asyncio.shield, tasks)))

    def stop_asking(self) -> None:
        """Give up the draws that no model has begun; the others go on."""
        for task in self._waiting:
            task.cancel()

    async def settled(self) -> None:
        """Return when every draw is stored, scored and graded. Then raises the first thing that went wrong, if any did."""
        failure = None
        while self._tasks:
            done, self._tasks = self._tasks, set()
            for result in await asyncio.gather(*done, return_exceptions=True):
                if isinstance(result, Exception):
                    failure = failure or result
        if failure:
            raise failure

    async def abandon(self) -> None:
        """Cancel what is left."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        return task

    async def _obtain(self, draw: Draw, messages: tuple[Message, ...], decoding: Decoding, parent: Sample | None) -> Sample:
        row = draw.stored
        if row is None:
            row = self._known(draw, parent) or self._row(draw, await self._ask(draw, messages, decoding), parent)
            row = await self._recorder.store_sample(row)
        sample = as_sample(row)
        self.rows.append(row)
        self._spawn(self._judge.score(row, sample, self))
        self._spawn(self._judge.grade(row))
        return sample

    async def _ask(self, draw: Draw, messages: tuple[Message, ...], decoding: Decoding) -> Generation:
        """What came back; a FAILED generation with the last error when trying again did not help. Raises EndpointDown."""
        place = self._place
        names = {"run": str(place.run), "attempt": str(place.attempt), "condition": place.condition, "key": draw.key}
        request = Request(messages, decoding, draw.seed, **names, on_call=self._calls.listener(draw.key))
        client = self._model.client
        failures = 0
        while True:
            task = asyncio.current_task()
            self._waiting.add(task)
            try:
                async with self._model.turns.turn(place.run):
                    self._waiting.discard(task)
                    return await client.generate(request, partial(self._show, draw.index))
            except EndpointDown:
                raise
            except PromptRefused as error:
                return Generation("", FinishReason.FAILED, Usage(), error=str(error))
            except TransientInferenceError as error:
                failures += 1
                if client.retries_itself or failures >= self._retries.tries:
                    return self._given_up(draw, error, failures)
                self._waiting.add(task)
                await asyncio.sleep(self._retries.pause_seconds(failures))
            finally:
                self._waiting.discard(task)
                self._drafts.drop(place.run, place.attempt, draw.index)

    def _given_up(self, draw: Draw, error: TransientInferenceError, failures: int) -> Generation:
        costs = self._calls.costs(draw.key)
        return Generation("", FinishReason.FAILED, Usage(), error=str(error), n_calls=len(costs) or failures, cost=sum(costs))

    def _show(self, index: int, text: str) -> None:
        self._drafts.write(self._place.run, self._place.attempt, self._place.problem, index, text)
        self._recorder.drafts_changed()

    def _row(self, draw: Draw, generation: Generation, parent: Sample | None) -> SampleRow:
        request_hash, occurrence = draw.key
        row = SampleRow(
            run_id=self._place.run,
            attempt_id=self._place.attempt,
            request_hash=request_hash,
            occurrence=occurrence,
            index=draw.index,
            seed=draw.seed,
            text=generation.text,
            reasoning=generation.reasoning,
            refusal=generation.refusal,
            finish_reason=generation.finish_reason.value,
            endpoint_finish_reason=generation.endpoint_finish_reason[:100],
            error=generation.error,
            parent_id=self._pk_of(parent),
            prompt_tokens=generation.usage.prompt_tokens,
            cached_tokens=generation.usage.cached_tokens,
            completion_tokens=generation.usage.completion_tokens,
            reasoning_tokens=generation.usage.reasoning_tokens,
            usage_is_estimated=generation.usage_is_estimated,
            n_calls=generation.n_calls,
            cost=generation.cost,
            request_id=generation.request_id[:200],
            logprobs=SampleRow.pack_logprobs(generation.token_logprobs),
            seconds_to_first_token=generation.seconds_to_first_token,
            seconds=generation.seconds,
        )
        # From the packed values, as a replay will see them.
        row.mean_logprob = as_sample(row).mean_logprob
        return row

    def _known(self, draw: Draw, parent: Sample | None) -> SampleRow | None:
        """A copy of what an earlier run was given."""
        known = self._answers.get((draw.key[0], draw.seed))
        if known is None:
            return None
        place = {"run_id": self._place.run, "attempt_id": self._place.attempt, "index": draw.index}
        return copy_of(known, **place, occurrence=draw.key[1], parent_id=self._pk_of(parent))

    def _pk_of(self, parent: Sample | None) -> int | None:
        if parent is None:
            return None
        return next(row.pk for row in self.rows if (row.request_hash, row.occurrence) == parent.key)


def as_sample(row: SampleRow) -> Sample:
    """The stored row as strategies and verifiers see it."""
    return Sample(
        key=(row.request_hash, row.occurrence),
        index=row.index,
        text=row.text,
        finish_reason=FinishReason(row.finish_reason),
        seed=row.seed,
        usage=Usage(row.prompt_tokens, row.cached_tokens, row.completion_tokens, row.reasoning_tokens),
        token_logprobs=row.token_logprobs,
        error=row.error,
    )
