"""One reward model, ready to be asked."""

import asyncio
import json
import math
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import httpx2
import openai

from ...domain.errors import PermanentInferenceError, PromptRefused, TransientInferenceError
from ...domain.types import Message, Usage
from ..base import Generation, LanguageModelClient, NeedsAttention, Request
from ..calls import Call, CallState, OnCall
from ..openai_api.faults import Fault, broken, from_body
from ..openai_api.http import Http
from ..openai_api.network import ForbiddenAddress, TooMuch
from ..openai_api.prices import likely_prompt_tokens, most_usage
from ..openai_api.reading import Reading
from ..openai_api.wire import Exchange, Patience, fault_of
from ..scoring import Reward
from .backend import RewardApi
from .dialects import DIALECTS


class RewardApiClient(LanguageModelClient):
    """One call for each text; whoever asks tries again where that can help."""

    def __init__(self, api: RewardApi):
        self.max_in_flight = api.max_concurrency
        self._api = api
        self._dialect = DIALECTS[api.dialect]
        self._name = f"“{api.model}” at {urlsplit(api.base_url).netloc}"
        self._prices = api.endpoint.prices
        self._secret = api.endpoint.key()
        self._http = Http(api.endpoint, self._secret)

    async def aclose(self) -> None:
        await self._http.close()

    async def _generate(self, request: Request, on_text: Callable[[str], None] | None) -> Generation:
        raise PermanentInferenceError(f"{self._name} rates texts and writes none.")

    async def reward_of(
        self, messages: tuple[Message, ...], *, run: str = "", attempt: str = "", on_call: OnCall | None = None
    ) -> Reward:
        most = self._prices.cost(most_usage(messages, 0))
        call = Call(uuid.uuid4().hex, 1, CallState.SENT, time.time(), most)
        await _report(on_call, call)
        began, ended = asyncio.get_running_loop().time(), replace(call, state=CallState.ABANDONED)
        try:
            value, told = await self._ask(messages)
            usage = told or Usage(likely_prompt_tokens(messages))
            paid = {"usage": usage, "usage_is_estimated": told is None, "cost": self._prices.cost(usage), "status": 200}
            ended = replace(call, state=CallState.ANSWERED, **paid)
        except Fault as fault:
            ended = replace(call, state=CallState.FAILED, status=fault.status, note=fault.note)
            raise self._failure(fault) from None
        finally:
            await _report(on_call, replace(ended, seconds=asyncio.get_running_loop().time() - began))
        return Reward(value, usage)

    async def _ask(self, messages: tuple[Message, ...]) -> tuple[float, Usage | None]:
        """The reward, and what it took where that is told. Raises Fault."""
        seconds = self._api.total_seconds
        patience = Patience(self._api.connect_seconds, seconds, seconds, seconds)
        exchange = Exchange(Reading(self._secret))
        body = {"model": self._api.model, **self._dialect.asked(messages)}
        try:
            async with asyncio.timeout(seconds):
                response = await self._http.post(self._dialect.path, body=body, cast_to=httpx2.Response)
        except ForbiddenAddress as error:
            raise NeedsAttention(str(error)) from None
        except (TimeoutError, openai.APIError, httpx2.TransportError, TooMuch) as error:
            raise fault_of(error, exchange, patience, seconds) from None
        return self._read(response.content)

    def _read(self, content: bytes) -> tuple[float, Usage | None]:
        try:
            said = json.loads(content)
            if isinstance(said, dict) and said.get("error"):
                raise from_body(said, self._secret)
            value = self._dialect.told(said["data"][0], self._api.place)
            tokens = (said.get("usage") or {}).get("prompt_tokens")
        except (LookupError, TypeError, ValueError, AttributeError):
            raise broken("it sent something that holds no reward") from None
        if not math.isfinite(value):
            raise broken(f"it sent {value} as the reward")
        return value, Usage(tokens) if isinstance(tokens, int) and tokens >= 0 else None

    def _failure(self, fault: Fault) -> Exception:
        words = f"{self._name} did not answer: {fault}"
        if fault.stops_all:
            return NeedsAttention(words)
        # What is refused once may be too long; other texts need not be.
        return TransientInferenceError(words) if fault.again else PromptRefused(words)


async def _report(on_call: OnCall | None, call: Call) -> None:
    if on_call:
        await on_call(call)
