"""An OpenAI-compatible endpoint that does what it is told to do wrong, one behaviour per request.

    async with Misbehaving([status(429), stream("fine")]) as server:
        ... server.base_url, server.requests ...

The last behaviour is repeated for ever. It runs on the test's own event loop.
"""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

OVER = b"0\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: Any
    at: float


class Wire:
    """The answering end of one connection."""

    def __init__(self, writer: asyncio.StreamWriter, asked: Asked):
        self.asked = asked
        self._writer = writer

    async def head(self, code: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {code} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n")

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def cut(self) -> None:
        self._writer.close()


Behaviour = Callable[[Wire], Awaitable[None]]


class Misbehaving:
    """`requests` keeps what was asked, in order; `arrived` is set once there is one."""

    def __init__(self, behaviours: Sequence[Behaviour], tls: ssl.SSLContext | None = None):
        self.requests: list[Asked] = []
        self.n_connections = 0
        self.arrived = asyncio.Event()
        self._behaviours = list(behaviours)
        self._tls = tls
        self._connections: set[asyncio.Task] = set()

    async def __aenter__(self) -> "Misbehaving":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls, limit=10_000_000)
        port = self._server.sockets[0].getsockname()[1]
        self.base_url = f"{'https' if self._tls else 'http'}://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(self, *_) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(asyncio.current_task())
        self.n_connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = _headers(head[1:])
                raw = await reader.readexactly(int(headers.get("content-length", 0)))
                asked = Asked(head[0].split()[1], headers, json.loads(raw) if raw else None, _now())
                behaviour = self._behaviours[min(len(self.requests), len(self._behaviours) - 1)]
                self.requests.append(asked)
                self.arrived.set()
                await behaviour(Wire(writer, asked))
        writer.close()


def status(code: int, body: Any = None, **headers: str) -> Behaviour:
    """An error, or any whole response; header names are given with _ for -."""
    data = body if isinstance(body, bytes) else json.dumps(body or {"error": {"message": f"error {code}"}}).encode()

    async def behave(wire: Wire) -> None:
        await wire.head(code, {"Content-Type": "application/json", "Content-Length": str(len(data)), **_named(headers)})
        await wire.send(data)

    return behave


def whole(text: str = "Seven.", reason: str | None = "stop", **more: Any) -> Behaviour:
    """A response that is no stream, though one was asked for."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
    return status(200, {"choices": [choice], **more})


def stream(*texts: str, reason: str | None = "stop", usage: Any = None, done: bool = True, then: str = "end") -> Behaviour:
    """A stream of deltas. `then` says how it ends: end, cut (the connection closes) or hang."""
    deltas = [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts]
    if reason:
        deltas.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    if usage:
        deltas.append({"choices": [], "usage": usage})
    return chunks(*(f"data: {json.dumps(delta)}\n\n" for delta in deltas), *(["data: [DONE]\n\n"] if done else []), then=then)


def chunks(*parts: str | bytes, then: str = "end", every_seconds: float = 0.0, **headers: str) -> Behaviour:
    """An event stream of exactly these parts."""

    async def behave(wire: Wire) -> None:
        await wire.head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked", **_named(headers)})
        for part in parts:
            await wire.chunk(part.encode() if isinstance(part, str) else part)
            await asyncio.sleep(every_seconds)
        if then == "end":
            await wire.send(OVER)
        elif then == "cut":
            wire.cut()
        else:
            await asyncio.Event().wait()

    return behave


async def hang(wire: Wire) -> None:
    """Take the request and say nothing."""
    await asyncio.Event().wait()


async def hang_up(wire: Wire) -> None:
    """Take the request and close the connection."""
    wire.cut()


def flood(megabytes: int) -> Behaviour:
    """One endless line of an event stream."""

    async def behave(wire: Wire) -> None:
        await wire.head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        for _ in range(megabytes * 10):
            await wire.chunk(b"x" * 100_000)
        await wire.send(OVER)

    return behave


async def drip(wire: Wire) -> None:
    """Keep the line open with comments and never answer."""
    await wire.head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
    while True:
        await wire.chunk(b": still here\n\n")
        await asyncio.sleep(0.02)


async def echo_key(wire: Wire) -> None:
    """Refuse, and quote the key that came with the request."""
    key = wire.asked.headers["authorization"]
    await status(401, {"error": {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}})(wire)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _headers(lines: list[str]) -> dict[str, str]:
    """Names in lower case, values as they came."""
    pairs = (line.split(": ", 1) for line in lines if line)
    return {name.lower(): value for name, value in pairs}


def _now() -> float:
    return asyncio.get_running_loop().time()
