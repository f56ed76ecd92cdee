"""How one draw reaches the language model and becomes a row: turns, tries, drafts and what came back."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from ..domain.errors import AssayError, PromptRefused, TransientInferenceError
from ..domain.types import FinishReason, Purpose, Sample, Usage
from ..inference.base import EndpointDown, Generation, NeedsAttention, Request
from ..models import Sample as SampleRow
from .calls import AttemptCalls
from .caps import CapReached
from .drafts import DraftBoard
from .journal import Ask, Draw
from .recording import Recorder
from .retries import Retries
from .shared_models import SharedModel

# What stands in the way of every further request of the run, but not for ever.
PAUSING = (CapReached, EndpointDown, NeedsAttention)


class HeldUp(Exception):
    """One of `PAUSING` stands in the way of every further request to this model."""

    def __init__(self, obstacle: AssayError, model: SharedModel):
        super().__init__(str(obstacle))
        self.obstacle = obstacle
        self.model = model


@dataclass(frozen=True)
class Place:
    """Which attempt is worked for, as requests and drafts name it."""

    run: int
    attempt: int
    problem: str
    condition: str


@dataclass(frozen=True)
class Door:
    """To one language model, and the ledger of what is asked there."""

    model: SharedModel
    calls: AttemptCalls


class Asking:
    """The attempt's way to its language models: `doors` are by name, "" is the condition's own.

    `measures` are the numbers about a text that the run's verifiers read.
    """

    def __init__(
        self,
        place: Place,
        doors: dict[str, Door],
        recorder: Recorder,
        drafts: DraftBoard,
        retries: Retries,
        measures: frozenset[str] = frozenset(),
    ):
        self._place = place
        self._doors = doors
        self._recorder = recorder
        self._drafts = drafts
        self._retries = retries
        self._measures = measures
        self._waiting: set[asyncio.Task] = set()

    def stop(self) -> None:
        """Give up the draws that no model has begun; the others go on."""
        for task in self._waiting:
            task.cancel()

    async def ask(self, ask: Ask, draw: Draw) -> Generation:
        """What came back; a FAILED generation with the last error when trying again did not help. Raises HeldUp."""
        door = self._doors[ask.language_model]
        try:
            return await self._patiently(door, draw, self._question(door, ask, draw))
        except PAUSING as obstacle:
            raise HeldUp(obstacle, door.model) from obstacle

    def _question(self, door: Door, ask: Ask, draw: Draw) -> Callable[[], Awaitable[Generation]]:
        if ask.continuations:
            return partial(self._score, door, ask, draw)
        if ask.rates:
            return partial(self._rate, door, ask, draw)
        place = self._place
        request = Request(
            ask.messages,
            ask.decoding,
            draw.seed,
            run=str(place.run),
            attempt=str(place.attempt),
            condition=place.condition if ask.purpose == Purpose.ANSWER else f"{place.condition} {ask.purpose} {ask.verifier}",
            key=draw.key,
            on_call=door.calls.listener(draw.key),
            prefix=ask.prefix,
            entropy=bool(self._measures) and ask.purpose != Purpose.JUDGE,
        )
        show = None if ask.purpose == Purpose.JUDGE else partial(self._show, draw.index)
        return partial(door.model.client.generate, request, show)

    async def _patiently(self, door: Door, draw: Draw, attempt: Callable[[], Awaitable[Generation]]) -> Generation:
        client = door.model.client
        failures = 0
        while True:
            task = asyncio.current_task()
            self._waiting.add(task)
            try:
                async with door.model.turns.turn(self._place.run):
                    self._waiting.discard(task)
                    return await attempt()
            except EndpointDown:
                raise
            except PromptRefused as error:
                return Generation("", FinishReason.FAILED, Usage(), error=str(error))
            except TransientInferenceError as error:
                failures += 1
                if client.retries_itself or failures >= self._retries.tries:
                    return self._given_up(door, draw, error, failures)
                self._waiting.add(task)
                await asyncio.sleep(self._retries.pause_seconds(failures))
            finally:
                self._waiting.discard(task)
                self._drafts.drop(self._place.run, self._place.attempt, draw.index)

    async def _score(self, door: Door, ask: Ask, draw: Draw) -> Generation:
        """The continuations' log-probabilities as the text of a sample, so that they are stored and paid for like one."""
        scores = await door.model.client.logprobs_of(ask.messages, ask.continuations, **self._heard(door, draw))
        used = [score.usage for score in scores]
        usage = Usage(
            *(sum(getattr(each, name) for each in used) for name in ("prompt_tokens", "cached_tokens", "completion_tokens"))
        )
        return self._told(door, draw, [score.total for score in scores], usage)

    async def _rate(self, door: Door, ask: Ask, draw: Draw) -> Generation:
        """The reward as the text of a sample."""
        reward = await door.model.client.reward_of(ask.messages, **self._heard(door, draw))
        return self._told(door, draw, reward.value, reward.usage)

    def _heard(self, door: Door, draw: Draw) -> dict:
        return {"run": str(self._place.run), "attempt": str(self._place.attempt), "on_call": door.calls.listener(draw.key)}

    def _told(self, door: Door, draw: Draw, numbers: float | list[float], usage: Usage) -> Generation:
        costs = door.calls.costs(draw.key)
        return Generation(json.dumps(numbers), FinishReason.STOP, usage, n_calls=len(costs) or 1, cost=sum(costs))

    def _given_up(self, door: Door, draw: Draw, error: TransientInferenceError, failures: int) -> Generation:
        """Paid calls are counted by the draw that leads them, so another one that shared them has none."""
        costs = door.calls.costs(draw.key)
        n_calls = len(costs) if door.model.client.retries_itself else failures
        return Generation("", FinishReason.FAILED, Usage(), error=str(error), n_calls=n_calls, cost=sum(costs))

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
            verifier=ask.verifier,
            seed=draw.seed,
            seed_sent=generation.seed_sent,
            choice=generation.choice,
            prefix=ask.prefix,
            text=generation.text,
            inserted=ask.inserted,
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
            tokens=SampleRow.pack_tokens(generation.tokens),
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


def as_sample(row: SampleRow, parent: Sample | None = None) -> Sample:
    """The stored row as strategies and verifiers see it; `parent` is the sample that it may go on from."""
    return Sample(
        key=(row.request_hash, row.occurrence),
        index=row.index,
        text=row.text,
        finish_reason=FinishReason(row.finish_reason),
        seed=row.seed,
        usage=Usage(row.prompt_tokens, row.cached_tokens, row.completion_tokens, row.reasoning_tokens),
        tokens=SampleRow.unpack_tokens(row.tokens),
        token_logprobs=row.token_logprobs,
        error=row.error,
        purpose=Purpose(row.purpose),
        prefix=row.prefix,
        stop_string=row.stop_string,
        measures=row.measures,
        prefix_logprobs=_logprobs_before(row.prefix, parent),
        inserted=row.inserted,
    )


def _logprobs_before(prefix: str, parent: Sample | None) -> tuple[float, ...] | None:
    """Of a prefix that is the parent's whole text, with what ended it or white space behind it."""
    if not prefix:
        return ()
    if parent is None or not prefix.startswith(parent.whole_text):
        return None
    rest = prefix[len(parent.whole_text) :]
    return parent.whole_logprobs if rest == parent.stop_string or not rest.strip() else None
