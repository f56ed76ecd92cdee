"""One call from its first byte to its last, or to the Fault that ended it."""

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai

from .faults import Fault, broken, error_code, from_status, message_in
from .limits import Ending
from .network import TooMuch
from .reading import Choice, Reading
from .sse import events
from .told import pause_seconds, wait_seconds

_SHOWN_EVERY_SECONDS = 0.1
_TAIL_SECONDS = 1.0

#: Hears of the answers that have grown.
Show = Callable[[list[Choice]], None]


@dataclass(frozen=True)
class Patience:
    """Seconds to wait: for the connection, the first token, each next one, and in all."""

    connect: float
    first_token: float
    next_token: float
    total: float


@dataclass
class Exchange:
    """What is known about a call while it runs and when it has ended, however it ended."""

    reading: Reading
    status: int | None = None
    request_id: str = ""
    pause_seconds: float | None = None
    is_done: bool = False
    deadline: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))

    @property
    def is_complete(self) -> bool:
        """Whether the endpoint said that all answers ended here."""
        return self.is_done or self.reading.all_ended

    def has_ended(self, place: int) -> bool:
        """Whether something came of the answer at this place, and it ended."""
        choice = self.reading.choices.get(place)
        return choice is not None and (self.is_done or bool(choice.reason))


async def ask(
    http: openai.AsyncOpenAI,
    path: str,
    body: dict[str, Any],
    patience: Patience,
    exchange: Exchange,
    show: Show = lambda grown: None,
) -> None:
    """Fill `exchange` with the answers. Raises Fault; what had arrived until then stays in `exchange`.

    `show` is called with the answers that have grown, several times a second.
    """
    sent_at = _now()
    try:
        async with exchange.deadline as deadline:
            deadline.reschedule(sent_at + min(patience.first_token, patience.total))
            response = await http.post(
                path,
                body=body,
                cast_to=httpx2.Response,
                stream=True,
                stream_cls=openai.AsyncStream,
            )
            try:
                exchange.status = response.status_code
                exchange.request_id = response.headers.get("x-request-id", "")
                exchange.pause_seconds = pause_seconds(response.headers)
                await _read(response, exchange, patience, sent_at + patience.total, show)
            finally:
                await response.aclose()
    except (TimeoutError, openai.APIError, httpx2.TransportError, TooMuch) as error:
        if not exchange.is_complete:  # otherwise only the tail after the answer was lost
            raise fault_of(error, exchange, patience, _now() - sent_at) from None
    if not exchange.reading.choices:
        raise broken("its answer holds no choices")
    if not exchange.is_complete:
        raise broken(f"the answer broke off after {exchange.reading.n_characters} characters", is_cut=True)


async def _read(response: httpx2.Response, exchange: Exchange, patience: Patience, total_ends_at: float, show: Show) -> None:
    reading = exchange.reading
    if "text/event-stream" not in response.headers.get("content-type", ""):
        _note_first_tokens(reading.take(_parse(await response.aread())), _now())
        exchange.is_done = True
        return
    shown_at, unshown = 0.0, []
    async for data in events(response.aiter_bytes()):
        now = _now()
        if data == b"[DONE]":
            # Reading on to the end keeps the connection for the next call; an endpoint that never ends it may not hold us.
            exchange.is_done = True
            exchange.deadline.reschedule(now + _TAIL_SECONDS)
        elif data and not exchange.is_done and (grown := reading.take(_parse(data))):
            _note_first_tokens(grown, now)
            exchange.deadline.reschedule(min(now + patience.next_token, total_ends_at))
            unshown += [choice for choice in grown if choice not in unshown]
            if now - shown_at >= _SHOWN_EVERY_SECONDS:
                shown_at = now
                show(unshown)
                unshown = []
    show(unshown)


def _note_first_tokens(choices: list[Choice], now: float) -> None:
    for choice in choices:
        choice.first_token_at = choice.first_token_at or now


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise broken("it sent something that is not JSON") from None


def fault_of(error: Exception, exchange: Exchange, patience: Patience, waited: float) -> Fault:
    match error:
        case openai.APITimeoutError():
            return Fault(f"it could not be reached within {patience.connect:g} seconds", Ending.FAILED, again=True)
        case openai.APIStatusError():
            return _from_response(error, exchange)
        case TooMuch():
            is_cut = exchange.reading.first_token_at is not None
            note = f"its response was dropped: {error}"
            return Fault(note, Ending.FAILED, may_cost=True, is_cut=is_cut, status=exchange.status)
        case TimeoutError():
            return _too_slow(exchange, patience, waited)
        case _:
            return _from_connection(error, exchange)


def _too_slow(exchange: Exchange, patience: Patience, waited: float) -> Fault:
    if waited >= patience.total:
        note = f"the answer was not complete after {patience.total:g} seconds"
    elif exchange.reading.first_token_at is None:
        note = f"no text came within {patience.first_token:g} seconds"
    else:
        note = f"the text stopped for {patience.next_token:g} seconds"
    is_cut = exchange.reading.first_token_at is not None
    return Fault(note, Ending.OVERLOADED, again=True, may_cost=True, is_cut=is_cut, status=exchange.status)


def _from_response(error: openai.APIStatusError, exchange: Exchange) -> Fault:
    headers = error.response.headers
    exchange.status = error.status_code
    exchange.request_id = headers.get("x-request-id", "")
    body = error.response.content
    try:
        code = error_code(json.loads(body))
    except ValueError:
        code = ""
    return from_status(error.status_code, message_in(body, exchange.reading.secret), code, wait_seconds(headers))


def _from_connection(error: Exception, exchange: Exchange) -> Fault:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            note = f"its certificate cannot be trusted ({cause.verify_message})"
            return Fault(note, Ending.FINE, refused=True, stops_all=True)
    transport = next((cause for cause in causes if isinstance(cause, httpx2.TransportError)), error)
    if isinstance(transport, httpx2.ConnectError | httpx2.ProxyError):
        return Fault(f"it cannot be reached ({transport})", Ending.FAILED, again=True)
    seen = exchange.reading.n_characters
    when = f"after {seen} characters" if seen else "before the answer"
    note = f"the connection broke off {when}"
    return Fault(note, Ending.FAILED, again=True, may_cost=True, is_cut=bool(seen), status=exchange.status)


def _causes(error: BaseException | None):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _now() -> float:
    return asyncio.get_running_loop().time()
