"""The tries of a call for one sample or several: what each try brought, what it cost, and who has to be asked for again."""

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ...domain.errors import PermanentInferenceError, TransientInferenceError
from ...domain.types import FinishReason, Usage
from ..base import Generation, NeedsAttention, Request
from ..calls import Call, CallState
from .backend import OpenAIApi
from .body import body_of, messages_of, path_of
from .faults import Fault
from .http import Http
from .limits import Ending, Gate
from .logprobs import Token
from .network import ForbiddenAddress
from .prices import likely_prompt_tokens, most_usage
from .reading import Choice, Reading
from .sharing import Share, share
from .wire import Exchange, Patience, ask

log = logging.getLogger(__name__)

_FIRST_BACKOFF_SECONDS = 0.5


@dataclass(eq=False)
class Member:
    """One sample that is waited for, with what calls for it have cost so far. `fields` of the body stand over the usual ones.

    Of a call for several the first one counts the prompt and the call itself, so that sums over samples are right.
    """

    request: Request
    on_text: Callable[[str], None] | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    answer: asyncio.Future[Generation] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    submitted: float = field(default_factory=lambda: _now())
    n_calls: int = 0
    cost: float = 0.0
    tokens: list[Token] = field(default_factory=list)  # of the answer, where they came

    def settle(self, generation: Generation) -> None:
        if not self.answer.done():
            self.answer.set_result(generation)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(frozen=True)
class _Tried:
    """How one try for these members ended. `fault` is None where it was answered; `shares` are by member."""

    members: list[Member]
    call: Call
    exchange: Exchange
    fault: Fault | None
    shares: list[Share]


class Tries:
    """Asks for one endpoint's client. `honours_n` turns False when a call for several answers brought fewer."""

    def __init__(self, api: OpenAIApi, http: Http, gate: Gate, name: str, secret: str):
        self.honours_n = True
        self._api = api
        self._http = http
        self._gate = gate
        self._name = name
        self._secret = secret
        self._patience = Patience(api.connect_seconds, api.first_token_seconds, api.next_token_seconds, api.total_seconds)

    async def ask(self, members: list[Member]) -> None:
        """Until every member has its answer, if only that it failed for good. Raises what then holds for all that are left.

        A try that breaks off keeps the answers that had ended: only the others are asked for, and paid, again.
        """
        for number in range(1, self._api.max_attempts + 1):
            tried = await self._try(members, number)
            left = self._settle(tried)
            if not left:
                return
            members, fault = [tried.members[place] for place in left], tried.fault
            if fault is None or (fault.refused and not fault.stops_all and len(tried.members) > 1):
                await self._ask_one_by_one(members)
                self.honours_n &= len(tried.exchange.reading.choices) == len(tried.members)
                return
            log.debug("%s, try %d: %s", self._name, number, fault)
            if not fault.again:
                self._lose(tried, left)
                return
            if number < self._api.max_attempts:
                await asyncio.sleep(self._backoff_seconds(number))
        raise TransientInferenceError(f"{self._name} did not answer in {number} tries. The last time {fault}.")

    async def _ask_one_by_one(self, members: list[Member]) -> None:
        """After a call for several that was refused, or brought fewer. What refuses the first refuses all."""
        first, *others = members
        await self.ask([first])
        ended = await asyncio.gather(*(self.ask([member]) for member in others), return_exceptions=True)
        for member, error in zip(others, ended, strict=True):
            if isinstance(error, Exception):
                member.fail(error)

    async def _try(self, members: list[Member], number: int) -> _Tried:
        """One call. However it ends, cancelled included, the gate and the ledger hear of it."""
        request, n = members[0].request, len(members)
        sent, max_tokens = messages_of(self._api, request), request.decoding.max_tokens
        body = {name: value for name, value in (body_of(self._api, request, n) | members[0].fields).items() if value is not None}
        entered = await self._gate.enter(likely_prompt_tokens(sent) + n * max_tokens, again=number > 1)
        draws = tuple(member.request.key for member in members)
        most_cost = self._api.prices.cost(most_usage(sent, max_tokens, n))
        call = Call(uuid.uuid4().hex, number, CallState.SENT, time.time(), most_cost, draws)
        exchange = Exchange(Reading(self._secret, n))
        state, ending, fault, shares = CallState.ABANDONED, Ending.UNCLEAR, None, []
        is_sent = False
        began = _now()
        try:
            await self._report(request, call)
            is_sent = True
            await ask(self._http, path_of(self._api), body, self._patience, exchange, _shown_to(members, exchange.reading))
            self._refuse_if_all_broke(exchange.reading, max_tokens)
            state, ending = CallState.ANSWERED, Ending.FINE
        except Fault as caught:
            state, ending, fault = CallState.FAILED, caught.ending, caught
        except ForbiddenAddress as caught:
            state, ending = CallState.FAILED, Ending.FINE
            fault = Fault(str(caught), Ending.FINE, refused=True, stops_all=True)
        finally:
            usage, is_estimated = self._usage(request, exchange, is_sent and (fault is None or fault.may_cost))
            shares = share(usage, is_estimated, exchange.reading.written())
            self._gate.leave(entered, ending, usage.prompt_tokens + usage.completion_tokens)
            if wait := (fault.wait_seconds if fault else exchange.pause_seconds):
                self._gate.hold(wait)
            call = replace(
                call,
                state=state,
                seconds=_now() - began,
                status=exchange.status or (fault.status if fault else None),
                request_id=exchange.request_id,
                usage=usage,
                usage_is_estimated=is_estimated,
                cost=self._api.prices.cost(usage),
                is_cut=bool(fault and fault.is_cut),
                note=str(fault or ""),
            )
            if is_sent:
                await self._report(request, call)
        return _Tried(members, call, exchange, fault, shares)

    def _usage(self, request: Request, exchange: Exchange, may_cost: bool) -> tuple[Usage, bool]:
        """(tokens, whether we had to estimate them). What broke before the endpoint began to work used none."""
        reading = exchange.reading
        told = reading.usage
        if told and (told.completion_tokens or not reading.has_text):
            return told, False
        if not may_cost:
            return Usage(), False
        read = likely_prompt_tokens(messages_of(self._api, request))
        return Usage(read, completion_tokens=sum(reading.written())), True

    @staticmethod
    def _refuse_if_all_broke(reading: Reading, max_tokens: int) -> None:
        """Raise the first answer's Fault if no answer has an end of its own."""
        faults = [_ending_of(reading, place, max_tokens) for place in reading.choices]
        if all(isinstance(each, Fault) for each in faults):
            raise faults[0]

    async def _report(self, request: Request, call: Call) -> None:
        if request.on_call:
            await request.on_call(call)

    def _settle(self, tried: _Tried) -> list[int]:
        """Book the try, hand out the answers that ended, and return the places of the members that still wait."""
        tried.members[0].n_calls += 1
        left = []
        for place, member in enumerate(tried.members):
            member.cost += self._api.prices.cost(tried.shares[place].usage)
            ended = None
            if tried.exchange.has_ended(place):
                ended = _ending_of(tried.exchange.reading, place, member.request.decoding.max_tokens)
            if isinstance(ended, FinishReason):
                member.settle(self._generation(tried, place, ended))
            elif isinstance(ended, Fault) and not ended.again and tried.fault is None:
                member.settle(self._lost(tried, place, ended))
            else:
                left.append(place)
        return left

    def _lose(self, tried: _Tried, places: list[int]) -> None:
        """These samples failed for good. Raises where others would fail the same way."""
        fault = tried.fault
        if fault.stops_all:
            raise NeedsAttention(self._words(fault))
        if fault.refused:
            raise PermanentInferenceError(self._words(fault))
        for place in places:
            tried.members[place].settle(self._lost(tried, place, fault))

    def _generation(self, tried: _Tried, place: int, ended: FinishReason) -> Generation:
        member, choice, own, now = tried.members[place], tried.exchange.reading.choices[place], tried.shares[place], _now()
        reasoning, answer = choice.texts()
        asked_for, tokens = member.request, choice.scored_tokens
        member.tokens = choice.tokens
        return Generation(
            text=answer,
            finish_reason=ended,
            stop_string=choice.stop_reason if choice.stop_reason in asked_for.decoding.stop else "",
            usage=own.usage,
            token_logprobs=tuple(token.logprob for token in tokens) or None,
            top_logprobs=tuple(token.likeliest for token in tokens) or None if asked_for.top_logprobs else None,
            seconds_to_first_token=(choice.first_token_at or now) - member.submitted,
            seconds=now - member.submitted,
            reasoning=reasoning,
            refusal=choice.refusal,
            endpoint_finish_reason=choice.reason,
            request_id=tried.call.request_id,
            usage_is_estimated=own.is_estimated,
            n_calls=member.n_calls,
            cost=member.cost,
            seed_sent=tried.members[0].request.seed if self._api.sends_seed else None,
            choice=place,
        )

    def _lost(self, tried: _Tried, place: int, fault: Fault) -> Generation:
        member, choice, own = tried.members[place], tried.exchange.reading.choices.get(place, Choice()), tried.shares[place]
        return Generation(
            text="",
            finish_reason=FinishReason.FAILED,
            usage=own.usage,
            seconds=_now() - member.submitted,
            error=self._words(fault),
            reasoning=choice.texts()[0],
            endpoint_finish_reason=choice.reason,
            request_id=tried.call.request_id,
            usage_is_estimated=own.is_estimated,
            n_calls=member.n_calls,
            cost=member.cost,
        )

    def _words(self, fault: Fault) -> str:
        return f"{self._name} did not answer: {fault}"

    def _backoff_seconds(self, failures: int) -> float:
        """Full jitter, so that calls turned away together do not come back together."""
        return random.uniform(0, min(self._api.longest_wait_seconds, _FIRST_BACKOFF_SECONDS * 2 ** (failures - 1)))


def _ending_of(reading: Reading, place: int, max_tokens: int) -> FinishReason | Fault:
    try:
        return reading.finish_reason(place, max_tokens)
    except Fault as fault:
        return fault


def _shown_to(members: list[Member], reading: Reading) -> Callable[[list[Choice]], None]:
    def show(grown: list[Choice]) -> None:
        for place, member in enumerate(members):
            choice = reading.choices.get(place)
            if member.on_text and choice in grown:
                member.on_text(choice.texts()[1])

    return show


def _now() -> float:
    return asyncio.get_running_loop().time()
