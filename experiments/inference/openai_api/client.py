"""One model of one endpoint, ready to be asked: the tries of each request, and what each of them cost."""

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import httpx2
import openai

from ...domain.errors import PermanentInferenceError, TransientInferenceError
from ...domain.types import FinishReason, Usage
from ..base import Generation, LanguageModelClient, NeedsAttention, Request
from ..calls import Call, CallState
from .backend import OpenAIApi
from .body import chat_body
from .faults import Fault
from .limits import Ending, Gate, LimitSettings, gate_for
from .network import ForbiddenAddress, GuardedTransport, proxy_for
from .prices import likely_prompt_tokens, likely_tokens, most_usage
from .reading import Reading
from .wire import Exchange, Patience, ask

log = logging.getLogger(__name__)

_FIRST_BACKOFF_SECONDS = 0.5


class Http(openai.AsyncOpenAI):
    """The library's client with our transport, no retries of its own, and no headers but ours.

    The library would add OPENAI_ORG_ID, OPENAI_PROJECT_ID, OPENAI_CUSTOM_HEADERS and facts about this machine to
    requests to whatever endpoint.
    """

    def __init__(self, api: OpenAIApi, key: str):
        self._own_headers = {"User-Agent": "Assay", "Accept-Encoding": "identity", **api.extra_headers}
        transport = GuardedTransport(
            allow_private=api.allows_private,
            max_response_bytes=int(api.max_response_mb * 1e6),
            proxy=proxy_for(api.base_url),
        )
        timeout = httpx2.Timeout(None, connect=api.connect_seconds, write=api.connect_seconds)
        super().__init__(
            # An empty key would make the library look for one in the environment; local servers take any.
            api_key=key or "no-key",
            admin_api_key="",
            base_url=api.base_url,
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False),
        )

    @property
    def default_headers(self) -> dict[str, str]:
        return {"Accept": "text/event-stream, application/json", "Content-Type": "application/json", **self._own_headers}


@dataclass(frozen=True)
class _Tried:
    """How one try ended. `fault` is None where it was answered."""

    call: Call
    exchange: Exchange
    fault: Fault | None


class OpenAIApiClient(LanguageModelClient):
    """Every request is a call of its own, with its own seed, however many samples of one prompt are wanted."""

    retries_itself = True
    takes = frozenset({"presence_penalty", "frequency_penalty", "logit_bias"})

    def __init__(self, api: OpenAIApi):
        self._api = api
        self._key = api.key()
        self._name = f"“{api.model}” at {urlsplit(api.base_url).netloc}"
        self._http = Http(api, self._key)
        self._patience = Patience(api.connect_seconds, api.first_token_seconds, api.next_token_seconds, api.total_seconds)
        # Those that wait for their next try leave room for others.
        self.max_in_flight = 2 * api.max_concurrency
        settings = LimitSettings(
            max_concurrency=api.max_concurrency,
            requests_per_minute=api.requests_per_minute,
            tokens_per_minute=api.tokens_per_minute,
            failures_allowed=api.failures_before_pause,
            pause_seconds=api.pause_seconds,
            longest_wait_seconds=api.longest_wait_seconds,
        )
        self.gate: Gate = gate_for(api.base_url, api.model, settings, self._name)

    async def aclose(self) -> None:
        await self._http.close()

    async def _generate(self, request: Request, on_text: Callable[[str], None] | None) -> Generation:
        submitted = _now()
        cost = 0.0
        for number in range(1, self._api.max_attempts + 1):
            tried = await self._try(request, number, on_text)
            cost += tried.call.cost
            if tried.fault is None:
                return self._generation(request, tried, submitted, cost)
            log.debug("%s, try %d: %s", self._name, number, tried.fault)
            if not tried.fault.again:
                return self._lost(tried, submitted, cost)
            if number < self._api.max_attempts:
                await asyncio.sleep(self._backoff_seconds(number))
        raise TransientInferenceError(f"{self._name} did not answer in {number} tries. The last time {tried.fault}.")

    async def _try(self, request: Request, number: int, on_text: Callable[[str], None] | None) -> _Tried:
        """One call. However it ends, cancelled included, the gate and the ledger hear of it."""
        most = most_usage(request.messages, request.decoding.max_tokens)
        likely = likely_prompt_tokens(request.messages) + request.decoding.max_tokens
        entered = await self.gate.enter(likely, again=number > 1)
        call = Call(uuid.uuid4().hex, number, CallState.SENT, time.time(), self._api.prices.cost(most))
        exchange = Exchange(Reading(self._key))
        state, ending, fault, usage = CallState.ABANDONED, Ending.UNCLEAR, None, Usage()
        is_sent = False
        began = _now()
        try:
            await self._report(request, call)
            is_sent = True
            await ask(self._http, chat_body(self._api, request), self._patience, exchange, on_text)
            exchange.reading.finish_reason(request.decoding.max_tokens)
            state, ending = CallState.ANSWERED, Ending.FINE
        except Fault as caught:
            state, ending, fault = CallState.FAILED, caught.ending, caught
        except ForbiddenAddress as caught:
            state, ending = CallState.FAILED, Ending.FINE
            fault = Fault(str(caught), Ending.FINE, refused=True, stops_all=True)
        finally:
            usage, is_estimated = self._usage(request, exchange, is_sent and (fault is None or fault.may_cost))
            self.gate.leave(entered, ending, usage.prompt_tokens + usage.completion_tokens)
            if wait := (fault.wait_seconds if fault else exchange.pause_seconds):
                self.gate.hold(wait)
            call = replace(
                call,
                state=state,
                seconds=_now() - began,
                status=exchange.status or (fault.status if fault else None),
                request_id=exchange.request_id,
                usage=usage,
                usage_is_estimated=is_estimated,
                cost=self._api.prices.cost(usage),
                note=str(fault or ""),
            )
            if is_sent:
                await self._report(request, call)
        return _Tried(call, exchange, fault)

    def _usage(self, request: Request, exchange: Exchange, may_cost: bool) -> tuple[Usage, bool]:
        """(tokens, whether we had to estimate them). What broke before the endpoint began to work used none."""
        reading = exchange.reading
        reasoning, answer = reading.texts()
        told = reading.usage
        if told and (told.completion_tokens or not (reasoning or answer)):
            return told, False
        if not may_cost:
            return Usage(), False
        written = len(reading.logprobs or ()) or max(reading.n_deltas, likely_tokens(reasoning) + likely_tokens(answer))
        return Usage(likely_prompt_tokens(request.messages), completion_tokens=written), True

    async def _report(self, request: Request, call: Call) -> None:
        if request.on_call:
            await request.on_call(call)

    def _generation(self, request: Request, tried: _Tried, submitted: float, cost: float) -> Generation:
        reading, call = tried.exchange.reading, tried.call
        reasoning, answer = reading.texts()
        now = _now()
        return Generation(
            text=answer,
            finish_reason=reading.finish_reason(request.decoding.max_tokens),
            stop_string=reading.stop_reason if reading.stop_reason in request.decoding.stop else "",
            usage=call.usage,
            token_logprobs=tuple(reading.logprobs) if reading.logprobs else None,
            seconds_to_first_token=(tried.exchange.first_token_at or now) - submitted,
            seconds=now - submitted,
            reasoning=reasoning,
            refusal=reading.refusal,
            endpoint_finish_reason=reading.reason,
            request_id=call.request_id,
            usage_is_estimated=call.usage_is_estimated,
            n_calls=call.try_number,
            cost=cost,
        )

    def _lost(self, tried: _Tried, submitted: float, cost: float) -> Generation:
        """The sample that failed for good. Raises where others would fail the same way."""
        fault, call = tried.fault, tried.call
        words = f"{self._name} did not answer: {fault}"
        if fault.stops_all:
            raise NeedsAttention(words)
        if fault.refused:
            raise PermanentInferenceError(words)
        return Generation(
            text="",
            finish_reason=FinishReason.FAILED,
            usage=call.usage,
            seconds=_now() - submitted,
            error=words,
            reasoning=tried.exchange.reading.texts()[0],
            endpoint_finish_reason=tried.exchange.reading.reason,
            request_id=call.request_id,
            usage_is_estimated=call.usage_is_estimated,
            n_calls=call.try_number,
            cost=cost,
        )

    def _backoff_seconds(self, failures: int) -> float:
        """Full jitter, so that calls turned away together do not come back together."""
        return random.uniform(0, min(self._api.longest_wait_seconds, _FIRST_BACKOFF_SECONDS * 2 ** (failures - 1)))


def _now() -> float:
    return asyncio.get_running_loop().time()
