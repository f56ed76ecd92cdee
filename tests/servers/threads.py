"""A server of the tests on an event loop of its own, for tests that run workers in threads and processes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.misbehaving import Behaviour, Misbehaving, Wire, status, stream


@contextmanager
def served(*behaviours: Behaviour) -> Iterator[Misbehaving]:
    """The misbehaving server, up until the end of the block."""
    loop, server = asyncio.new_event_loop(), Misbehaving(behaviours)
    loop.run_until_complete(server.__aenter__())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


def answering(text: str = "The answer is 3.", seconds: float = 0.0, **usage: int) -> Behaviour:
    """A stream that begins after so long and tells its usage: 11 tokens read and 3 written, if not said otherwise."""
    behaviour = stream(text, usage={"prompt_tokens": 11, "completion_tokens": 3, **usage})

    async def behave(wire: Wire) -> None:
        await asyncio.sleep(seconds)
        await behaviour(wire)

    return behave


def down_for(seconds: float) -> Behaviour:
    """Nothing but 503 for so long after the first request, then answers."""
    first: list[float] = []

    async def behave(wire: Wire) -> None:
        first.append(wire.asked.at)
        await (status(503) if wire.asked.at < first[0] + seconds else answering())(wire)

    return behave
