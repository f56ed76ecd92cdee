"""How one draw reaches the language model and becomes a row: turns, tries, drafts and what came back."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from ..domain.errors import PromptRefused, TransientInferenceError
from ..domain.types import FinishReason, Purpose, Sample, Usage
from ..inference.base import EndpointDown, Generation, Request
from ..models import Sample as SampleRow
from .calls import AttemptCalls
from .drafts import DraftBoard
from .journal import Ask, Draw
from .recording import Recorder
from .retries import Retries
from .shared_models import SharedModel


@dataclass(frozen=True)
class Place:
    """Which attempt is worked for, as requests and drafts name it."""

    run: int
    attempt: int
    problem: str
    condition: str


class Asking:
    """The attempt's way to its language model. `measures` are the numbers about a text that the run's verifiers read."""

    def __init__(
        self,
        place: Place,
        model: SharedModel,
        recorder: Recorder,
        drafts: DraftBoard,
        retries: Retries,
        calls: AttemptCalls,
        measures: frozenset[str] = frozenset(),
    ):
        self._place = place
        self._model = model
        self._recorder = recorder
        self._drafts = drafts
        self._retries = retries
        self._calls = calls
        self._measures = measures
        self._waiting: set[asyncio.Task] = set()

    def stop(self) -> None:
        """Give up the draws that no model has begun; the others go on."""
        for task in self._waiting:
            task.cancel()

    async def ask(self, ask: Ask, draw: Draw) -> Generation:
        """What came back; a FAILED generation with the last error when trying again did not help. Raises EndpointDown."""
        if ask.continuations:
            return await self._patiently(draw, partial(self._score, ask))
        place = self._place
        request = Request(
            ask.messages,
            ask.decoding,
            draw.seed,
            run=str(place.run),
            attempt=str(place.attempt),
            condition=place.condition if ask.purpose == Purpose.ANSWER else f"{place.condition} {ask.purpose}",
            key=draw.key,
            on_call=self._calls.listener(draw.key),
            prefix=ask.prefix,
            entropy=bool(self._measures) and ask.purpose != Purpose.JUDGE,
        )
        show = None if ask.purpose == Purpose.JUDGE else partial(self._show, draw.index)
        return await self._patiently(draw, partial(self._model.client.generate, request, show))

    async def _patiently(self, draw: Draw, attempt: Callable[[], Awaitable[Generation]]) -> Generation:
        client = self._model.client
        failures = 0
        while True:
            task = asyncio.current_task()
            self._waiting.add(task)
            try:
                async with self._model.turns.turn(self._place.run):
                    self._waiting.discard(task)
                    return await attempt()
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
                self._drafts.drop(self._place.run, self._place.attempt, draw.index)

    async def _score(self, ask: Ask) -> Generation:
        """The continuations' log-probabilities as the text of a sample, so that they are stored and paid for like one."""
        place = self._place
        names = {"run": str(place.run), "attempt": str(place.attempt)}
        scores = await self._model.client.logprobs_of(ask.messages, ask.continuations, **names)
        usage = Usage(sum(score.usage.prompt_tokens for score in scores), sum(score.usage.cached_tokens for score in scores))
        return Generation(json.dumps([score.total for score in scores]), FinishReason.STOP, usage)

    def _given_up(self, draw: Draw, error: TransientInferenceError, failures: int) -> Generation:
        costs = self._calls.costs(draw.key)
        return Generation("", FinishReason.FAILED, Usage(), error=str(error), n_calls=len(costs) or failures, cost=sum(costs))

    def _show(self, index: int, text: str) -> None:
        self._drafts.write(self._place.run, self._place.attempt, self._place.problem, index, text)
        self._recorder.drafts_changed()

    def row(self, ask: Ask, draw: Draw, generation: Generation, parent: int | None) -> SampleRow:
        """What came back as a row, not stored yet."""
        request_hash, occurrence = draw.key
        row = SampleRow(
            run_id=self._place.run,
            attempt_id=self._place.attempt,
            request_hash=request_hash,
            occurrence=occurrence,
            index=draw.index,
            purpose=ask.purpose.value,
            seed=draw.seed,
            prefix=ask.prefix,
            text=generation.text,
            reasoning=generation.reasoning,
            refusal=generation.refusal,
            finish_reason=generation.finish_reason.value,
            endpoint_finish_reason=generation.endpoint_finish_reason[:100],
            stop_string=generation.stop_string[:200],
            error=generation.error,
            parent_id=parent,
            prompt_tokens=generation.usage.prompt_tokens,
            cached_tokens=generation.usage.cached_tokens,
            completion_tokens=generation.usage.completion_tokens,
            reasoning_tokens=generation.usage.reasoning_tokens,
            usage_is_estimated=generation.usage_is_estimated,
            n_calls=generation.n_calls,
            cost=generation.cost,
            request_id=generation.request_id[:200],
            logprobs=SampleRow.pack_logprobs(generation.token_logprobs),
            measures=_measures(generation),
            seconds_to_first_token=generation.seconds_to_first_token,
            seconds=generation.seconds,
        )
        # From the packed values, as a replay will see them.
        row.mean_logprob = as_sample(row).mean_logprob
        return row


def _measures(generation: Generation) -> dict[str, float]:
    """Means over the text's tokens, where the model told them."""
    told = {"entropy": generation.entropies, "self_certainty": generation.self_certainties}
    return {name: math.fsum(values) / len(values) for name, values in told.items() if values}


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
        purpose=Purpose(row.purpose),
        prefix=row.prefix,
        stop_string=row.stop_string,
        measures=row.measures,
    )
