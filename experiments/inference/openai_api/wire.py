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
from .reading import Reading
from .sse import events
from .told import pause_seconds, wait_seconds

_SHOWN_EVERY_SECONDS = 0.1
_TAIL_SECONDS = 1.0


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
    first_token_at: float | None = None
    status: int | None = None
    request_id: str = ""
    pause_seconds: float | None = None
    is_done: bool = False
    deadline: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))

    @property
    def is_complete(self) -> bool:
        """Whether the endpoint said that the answer ended here."""
        return self.is_done or bool(self.reading.reason)


async def ask(
    http: openai.AsyncOpenAI,
    body: dict[str, Any],
    patience: Patience,
    exchange: Exchange,
    on_text: Callable[[str], None] | None,
) -> None:
    """Fill `exchange` with the answer. Raises Fault; what had arrived until then stays in `exchange`."""
    sent_at = _now()
    try:
        async with exchange.deadline as deadline:
            deadline.reschedule(sent_at + min(patience.first_token, patience.total))
            response = await http.post(
                "/chat/completions",
                body=body,
                cast_to=httpx2.Response,
                stream=True,
                stream_cls=openai.AsyncStream,
            )
            try:
                exchange.status = response.status_code
                exchange.request_id = response.headers.get("x-request-id", "")
                exchange.pause_seconds = pause_seconds(response.headers)
                await _read(response, exchange, patience, sent_at + patience.total, on_text)
            finally:
                await response.aclose()
    except (TimeoutError, openai.APIError, httpx2.TransportError, TooMuch) as error:
        if not exchange.is_complete:  # otherwise only the tail after the answer was lost
            raise fault_of(error, exchange, patience, _now() - sent_at) from None
    if not exchange.reading.has_choices:
        raise broken("its answer holds no choices")
    if not exchange.is_complete:
        raise broken(f"the answer broke off after {len(exchange.reading.texts()[1])} characters")


async def _read(
    response: httpx2.Response, exchange: Exchange, patience: Patience, total_ends_at: float, on_text: Callable[[str], None] | None
) -> None:
    reading = exchange.reading
    if "text/event-stream" not in response.headers.get("content-type", ""):
        if reading.take(_parse(await response.aread())):
            exchange.first_token_at = _now()
        exchange.is_done = True
        return
    shown_at = 0.0
    async for data in events(response.aiter_bytes()):
        now = _now()
        if data == b"[DONE]":
            # Reading on to the end keeps the connection for the next call; an endpoint that never ends it may not hold us.
            exchange.is_done = True
            exchange.deadline.reschedule(now + _TAIL_SECONDS)
        elif data and not exchange.is_done and reading.take(_parse(data)):
            exchange.first_token_at = exchange.first_token_at or now
            exchange.deadline.reschedule(min(now + patience.next_token, total_ends_at))
            if on_text and now - shown_at >= _SHOWN_EVERY_SECONDS:
                shown_at = now
                on_text(reading.texts()[1])
    if on_text:
        on_text(reading.texts()[1])


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
            return Fault(f"its response was dropped: {error}", Ending.FAILED, may_cost=True, status=exchange.status)
        case TimeoutError():
            return _too_slow(exchange, patience, waited)
        case _:
            return _from_connection(error, exchange)


def _too_slow(exchange: Exchange, patience: Patience, waited: float) -> Fault:
    if waited >= patience.total:
        note = f"the answer was not complete after {patience.total:g} seconds"
    elif exchange.first_token_at is None:
        note = f"no text came within {patience.first_token:g} seconds"
    else:
        note = f"the text stopped for {patience.next_token:g} seconds"
    return Fault(note, Ending.OVERLOADED, again=True, may_cost=True, status=exchange.status)


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
    seen = len(exchange.reading.texts()[1])
    when = f"after {seen} characters" if seen else "before the answer"
    return Fault(f"the connection broke off {when}", Ending.FAILED, again=True, may_cost=True, status=exchange.status)


def _causes(error: BaseException | None):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _now() -> float:
    return asyncio.get_running_loop().time()
