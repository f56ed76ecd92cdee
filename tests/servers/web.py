"""The whole web application behind a real server in a thread; it shares the test's database file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.site import free_port
from webapp.asgi import application


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config):
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@contextmanager
def web_server() -> Iterator[int]:
    """Yields the port on 127.0.0.1. The test needs a database whose rows are committed (`transactional_db`)."""
    port = free_port()
    server = _Server(uvicorn.Config(application, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.is_up.wait(20)
    yield port
    server.should_exit = True
    thread.join(20)
