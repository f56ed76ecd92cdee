"""Counts this web process's sockets and measures how late its event loop is, for its `/metrics`."""

import asyncio

from ..runner.vitals import WebVitals, watch_loop
from .follower import n_followed_runs


class Watched:
    """ASGI middleware around everything. Requests find what it knows of the process under `scope["vitals"]`."""

    def __init__(self, application):
        self._application = application
        self.vitals = WebVitals()
        self._watching: asyncio.Task | None = None

    async def __call__(self, scope, receive, send):
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(watch_loop(self.vitals.lag))
        if scope["type"] != "websocket":
            self.vitals.n_followed_runs = n_followed_runs()
            return await self._application({**scope, "vitals": self.vitals}, receive, send)
        self.vitals.n_sockets += 1
        try:
            return await self._application(scope, receive, send)
        finally:
            self.vitals.n_sockets -= 1
