"""Single questions for the truth test: bounded, counted, and answered with whatever came back, errors included."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai

from ...domain.types import Decoding, Message, Usage
from ..base import Request
from .backend import OpenAIApi
from .body import asked, messages_of, path_of
from .faults import Fault, from_body
from .http import Http
from .logprobs import Token, tokens_of
from .network import TooMuch
from .reading import Reading
from .wire import Exchange, Patience, ask, fault_of

_TRIES = 3

#: A question, or messages of which the last one may be the beginning of the answer.
Prompt = str | tuple[Message, ...]


@dataclass(frozen=True)
class Said:
    """An answer, or in `refused` why there is none. `choices` are the response's own.

    `stops_all`: no question would be answered until a person acts; `is_away`: none is answered at present.
    """

    refused: str = ""
    stops_all: bool = False
    is_away: bool = False
    choices: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        return [str(self._message(choice).get("content") or choice.get("text") or "") for choice in self.choices]

    @property
    def text(self) -> str:
        return self.texts[0] if self.choices else ""

    @property
    def message(self) -> dict[str, Any]:
        return self._message(self.choices[0]) if self.choices else {}

    @property
    def reason(self) -> str:
        return str(self.choices[0].get("finish_reason") or "") if self.choices else ""

    @property
    def tokens(self) -> list[Token]:
        """Of the first answer, where logprobs came."""
        return list(tokens_of(self.choices[0].get("logprobs"))) if self.choices else []

    @property
    def completion_tokens(self) -> int | None:
        count = self.usage.get("completion_tokens")
        return count if isinstance(count, int) else None

    @staticmethod
    def _message(choice: dict[str, Any]) -> dict[str, Any]:
        message = choice.get("message")
        return message if isinstance(message, dict) else {}


class Asker:
    """Asks one question after the other, in the way the endpoint is asked otherwise, and keeps count of calls and cost."""

    def __init__(self, api: OpenAIApi, http: Http):
        self.api = api
        self.n_calls = 0
        self.cost = 0.0
        #: The field that really limits the answer's length, once that is known.
        self.limit_field = api.limit_field
        self._http = http
        self._secret = api.key()
        seconds = min(api.total_seconds, 120.0)
        self._patience = Patience(api.connect_seconds, seconds, seconds, seconds)

    async def say(self, prompt: Prompt, max_tokens: int = 24, **fields: Any) -> Said:
        """A whole response. Fields set to None are not sent."""
        return await self.post(path_of(self.api), self._body(prompt, **{self.limit_field: max_tokens, **fields}))

    async def post(self, path: str, body: dict[str, Any]) -> Said:
        """The response to exactly this."""
        for attempt in range(_TRIES):
            self.n_calls += 1
            exchange = Exchange(Reading(self._secret))
            try:
                async with asyncio.timeout(self._patience.total):
                    response = await self._http.post(path, body=body, cast_to=httpx2.Response)
                said = self._said(response.content)
                break
            except Fault as fault:
                said = Said(refused=fault.note, stops_all=fault.stops_all)
                break
            except (TimeoutError, openai.APIError, httpx2.TransportError, TooMuch) as error:
                fault = fault_of(error, exchange, self._patience, self._patience.total)
                said = Said(refused=fault.note, stops_all=fault.stops_all, is_away=fault.again)
                if not fault.again or attempt == _TRIES - 1:
                    break
                await asyncio.sleep(min(fault.wait_seconds or 1.0, self.api.longest_wait_seconds))
        self._pay(said.usage)
        return said

    async def stream(self, prompt: Prompt, enough: int, n: int = 1, **fields: Any) -> Exchange | Fault:
        """Streamed answers, broken off once `enough` pieces of text have come: what ignores its limit costs little."""
        self.n_calls += 1
        exchange = Exchange(Reading(self._secret, n))
        body = self._body(prompt, stream=True, n=n if n > 1 else None, **fields)

        async def read() -> None:
            await ask(self._http, path_of(self.api), body, self._patience, exchange)

        reading = asyncio.create_task(read())
        try:
            while not reading.done() and exchange.reading.n_deltas < enough:
                await asyncio.wait([reading], timeout=0.05)
            if reading.done():
                reading.result()
        except Fault as fault:
            if not exchange.reading.n_deltas:
                return fault
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        usage = exchange.reading.usage or Usage(0, 0, exchange.reading.n_deltas, 0)
        self.cost += self.api.prices.cost(usage)
        return exchange

    def _body(self, prompt: Prompt, **fields: Any) -> dict[str, Any]:
        messages = (Message("user", prompt),) if isinstance(prompt, str) else prompt
        begun = messages[-1].content if messages[-1].role == "assistant" else ""
        request = Request(messages[:-1] if begun else messages, Decoding(), 0, prefix=begun)
        prompted = asked(self.api, messages_of(self.api, request))
        body = {**self.api.extra_body, "model": self.api.model, **prompted, "temperature": 0, **fields}
        return {name: value for name, value in body.items() if value is not None and name not in self.api.left_out}

    def _said(self, content: bytes) -> Said:
        try:
            body = json.loads(content)
        except ValueError:
            return Said(refused="it sent something that is not JSON")
        if not isinstance(body, dict) or body.get("error"):
            raise from_body(body, self._secret)
        choices = body.get("choices")
        usage = body.get("usage")
        return Said(
            choices=[choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else [],
            usage=usage if isinstance(usage, dict) else {},
        )

    def _pay(self, told: dict[str, Any]) -> None:
        counts = [told.get(name) for name in ("prompt_tokens", "completion_tokens")]
        prompt, completion = (count if isinstance(count, int) and count > 0 else 0 for count in counts)
        self.cost += self.api.prices.cost(Usage(prompt, 0, completion, 0))
