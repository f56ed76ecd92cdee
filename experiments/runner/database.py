"""One thread per worker that talks to the database, so that the event loop never waits for a disk."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

from django.db import DatabaseError, connection


class DatabaseThread:
    """Runs plain functions one after the other on its own connection; all of a worker's queries go through it."""

    def __init__(self):
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="database")

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """The function's result. Its exceptions are raised here."""
        called = partial(copy_context().run, _call, function, args)  # the log tells the same run and attempt there
        return await asyncio.get_running_loop().run_in_executor(self._executor, called)

    async def close(self) -> None:
        await self.run(lambda: connection.close())  # the name means another connection in every thread
        self._executor.shutdown(wait=False)


def _call(function: Callable[..., Any], args: tuple) -> Any:
    try:
        return function(*args)
    except DatabaseError:
        # The server may have gone away; the next call then connects anew.
        if connection.vendor != "sqlite":
            with contextlib.suppress(DatabaseError):
                connection.close()
        raise
