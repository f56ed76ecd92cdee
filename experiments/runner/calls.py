"""How the ledger is written: a call's row is stored before the call leaves and completed after it ended."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from copy import copy
from functools import partial

from ..inference import calls
from ..models import Call, clock
from .caps import CapReached
from .recording import Recorder
from .storing_calls import TAKEN_OVER

# Near a cap, calls under way hold back the most they may cost; they usually cost less, so those behind look again.
SECONDS_BETWEEN_LOOKS = 0.5


class TakenOver(Exception):
    """Another worker works on the attempt, or has ended it, since this one could not keep its lease."""


class AttemptCalls:
    """The calls of one attempt. `answered` is called whenever one was answered.

    `is_leased`: none may leave once the worker has lost the attempt to another one.
    """

    def __init__(
        self,
        run: int,
        attempt: int,
        language_model: str,
        worker: int,
        recorder: Recorder,
        answered: Callable[[], None],
        is_leased: bool,
    ):
        self._common = {"run_id": run, "attempt_id": attempt, "worker_id": worker, "language_model": language_model}
        self._recorder = recorder
        self._answered = answered
        self._is_leased = is_leased
        self._ended: dict[tuple[str, int], list[float]] = defaultdict(list)

    def listener(self, draw: tuple[str, int]) -> calls.OnCall:
        """What hears of one draw's calls; it raises CapReached or TakenOver where a call may not leave."""
        return partial(self._hear, draw)

    def costs(self, draw: tuple[str, int]) -> list[float]:
        """Of the draw's calls that ended, one by one."""
        return self._ended[draw]

    async def _hear(self, draw: tuple[str, int], call: calls.Call) -> None:
        row = self._row(draw, call)
        if call.state is calls.CallState.SENT:
            await self._let_leave(row)
            return
        self._ended[draw].append(call.cost)
        # Not awaited: it is stored in one transaction with the sample that the call brought, or neither is.
        self._recorder.store_soon(row)
        if call.state is calls.CallState.ANSWERED:
            self._answered()

    async def _let_leave(self, row: Call) -> None:
        try:
            while obstacle := await self._recorder.store_call(row):
                if obstacle is TAKEN_OVER:
                    raise TakenOver
                if not obstacle.may_pass:
                    raise CapReached(obstacle.sentence)
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        except asyncio.CancelledError:
            ended = copy(row)
            ended.state, ended.note = Call.State.ABANDONED, "Stopped before it left."
            self._recorder.store_soon(ended)
            raise

    def _row(self, draw: tuple[str, int], call: calls.Call) -> Call:
        request_hash, occurrence = draw
        served = [number for _, number in call.draws] or [occurrence]
        row = Call(
            **self._common,
            key=call.id,
            request_hash=request_hash,
            occurrence=occurrence,
            occurrences=served,
            try_number=call.try_number,
            state=call.state.value,
            sent_at=clock.at(call.started_at),
            seconds=call.seconds,
            status=call.status,
            request_id=call.request_id[:200],
            prompt_tokens=call.usage.prompt_tokens,
            cached_tokens=call.usage.cached_tokens,
            completion_tokens=call.usage.completion_tokens,
            reasoning_tokens=call.usage.reasoning_tokens,
            usage_is_estimated=call.usage_is_estimated,
            most_cost=call.most_cost,
            cost=call.cost,
            is_cut=call.is_cut,
            note=call.note,
        )
        row.needs_lease = self._is_leased
        return row
