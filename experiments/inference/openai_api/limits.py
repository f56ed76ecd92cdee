"""The gate before an endpoint's model: who may leave when. Thousands may wait at it, each for the price of a future."""

import asyncio
import time
import weakref
from collections import deque
from dataclasses import dataclass
from enum import Enum

from ..base import EndpointDown
from ..standing import EndpointStanding
from .breaker import Breaker
from .concurrency import Concurrency
from .pace import Pace, TokenBudget


class Ending(Enum):
    """What a call's end says about the endpoint."""

    FINE = "fine"  # it answered, be it with a refusal of this very request
    TOO_OFTEN = "too often"  # it wants fewer calls
    OVERLOADED = "overloaded"  # it has more than it can do
    FAILED = "failed"  # it is out of reach or broke
    UNCLEAR = "unclear"  # we stopped the call ourselves


@dataclass(frozen=True)
class LimitSettings:
    """`requests_per_minute` and `tokens_per_minute` None: not known, learned from what the endpoint turns away."""

    max_concurrency: int
    requests_per_minute: float | None
    tokens_per_minute: int | None
    failures_allowed: int
    pause_seconds: float
    longest_wait_seconds: float


@dataclass
class Pass:
    """Leave to make one call."""

    tokens: int
    sent_at: float
    is_probe: bool


class Gate:
    """One for each endpoint and model, shared by all its clients on one event loop."""

    def __init__(self, name: str, settings: LimitSettings):
        self._name = name
        self._settings = settings
        rate = settings.requests_per_minute / 60 if settings.requests_per_minute else None
        self.concurrency = Concurrency(settings.max_concurrency)
        self.pace = Pace(rate)
        self.breaker = Breaker(settings.failures_allowed, settings.pause_seconds)
        self._tokens = TokenBudget(settings.tokens_per_minute)
        self._held_until = float("-inf")
        self._n_under_way = 0
        self._waiting: deque[tuple[asyncio.Future[Pass], int]] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    def share(self, n: int) -> None:
        """Keep to an n-th of the limits, since so many processes ask this endpoint. Every one may make one call at a time."""
        settings = self._settings
        self.concurrency.allow(max(1, round(settings.max_concurrency / n)))
        self.pace.allow(settings.requests_per_minute / 60 / n if settings.requests_per_minute else None)
        self._tokens.allow(settings.tokens_per_minute / n if settings.tokens_per_minute else None)
        self._let_in()

    @property
    def n_under_way(self) -> int:
        return self._n_under_way

    def standing(self) -> EndpointStanding:
        now = _now()
        wait = self.breaker.closed_for(now) or 0.0
        n_waiting = sum(not place.done() for place, _ in self._waiting)
        state = self.breaker.state(now)
        return EndpointStanding(self._name, state, wait, self._n_under_way, n_waiting, self.concurrency.limit)

    async def enter(self, tokens: int, again: bool = False) -> Pass:
        """Wait for a turn; who asks `again` goes first. `tokens` is the most the call may use. Raises EndpointDown."""
        self._refuse_if_down()
        place = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if again else self._waiting.append)((place, tokens))
        self._let_in()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and not place.exception():
                self.leave(place.result(), Ending.UNCLEAR)  # the turn came in the same moment
            raise

    def leave(self, entered: Pass, ending: Ending, tokens_used: int | None = None) -> None:
        """The call ended. Every pass must come back here exactly once."""
        now = _now()
        self._learn(now, entered, ending)
        self._n_under_way -= 1
        if tokens_used is not None:
            self._tokens.spend(now, tokens_used - entered.tokens)
        self._let_in()

    def hold(self, seconds: float) -> None:
        """Nobody leaves for so long: the endpoint asked for it. Bounded, so that no endpoint can freeze a run."""
        self._held_until = max(self._held_until, _now() + min(seconds, self._settings.longest_wait_seconds))

    def _learn(self, now: float, entered: Pass, ending: Ending) -> None:
        if ending is Ending.FINE:
            self.concurrency.grow(self._n_under_way)
            self.pace.answered(now)
        if ending is Ending.TOO_OFTEN:
            self.pace.rejected(now)
        if ending in (Ending.TOO_OFTEN, Ending.OVERLOADED):
            self.concurrency.shrink(now, entered.sent_at, hard=ending is Ending.OVERLOADED)
        if ending in (Ending.FINE, Ending.TOO_OFTEN):
            self.breaker.succeeded()
        elif ending is Ending.UNCLEAR:
            self.breaker.unclear(entered.is_probe)
        elif self.breaker.failed(now, entered.is_probe):
            self._turn_all_away()

    def _let_in(self) -> None:
        """Let in whoever may go now, and set the alarm for the next."""
        now = _now()
        while self._waiting:
            place, tokens = self._waiting[0]
            if place.done():
                self._waiting.popleft()
                continue
            if self._n_under_way >= self.concurrency.limit:
                return
            at = max(self._held_until, self.pace.ready_at(), self._tokens.ready_at(now, tokens))
            if at > now:
                self._wake_at(at)
                return
            if self.breaker.closed_for(now) is not None:
                self._turn_all_away()
                return
            self._waiting.popleft()
            self._n_under_way += 1
            self.pace.sent(now)
            self._tokens.spend(now, tokens)
            place.set_result(Pass(tokens, now, self.breaker.sent()))

    def _wake_at(self, at: float) -> None:
        if self._alarm and self._alarm.when() <= at:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(at, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._let_in()

    def _turn_all_away(self) -> None:
        waiting, self._waiting = self._waiting, deque()
        for place, _ in waiting:
            if not place.done():
                place.set_exception(self._down())

    def _refuse_if_down(self) -> None:
        if self.breaker.closed_for(_now()) is not None:
            raise self._down()

    def _down(self) -> EndpointDown:
        seconds = self.breaker.closed_for(_now()) or 0.0
        return EndpointDown(
            f"{self._name} is down: call after call failed. It is asked again in {seconds:.0f} seconds.", time.time() + seconds
        )


_gates: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.WeakValueDictionary] = weakref.WeakKeyDictionary()


def gate_for(base_url: str, model: str, settings: LimitSettings, name: str) -> Gate:
    """The gate of this endpoint and model; clients with other settings for it have one of their own."""
    gates = _gates.setdefault(asyncio.get_running_loop(), weakref.WeakValueDictionary())
    gate = gates.get((base_url, model, settings))
    if gate is None:
        gate = gates[base_url, model, settings] = Gate(name, settings)
    return gate


def _now() -> float:
    return asyncio.get_running_loop().time()
