"""A misbehaving endpoint on a thread of its own, for tests that do not run on an event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.misbehaving import Behaviour, Misbehaving


@contextmanager
def misbehaving(*behaviours: Behaviour) -> Iterator[Misbehaving]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def on_thread(question):
        return asyncio.run_coroutine_threadsafe(question, loop).result(20)

    server = on_thread(_made(behaviours))
    try:
        yield server
    finally:
        on_thread(server.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


async def _made(behaviours) -> Misbehaving:
    return await Misbehaving(behaviours).__aenter__()
