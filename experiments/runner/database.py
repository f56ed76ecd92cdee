"""One thread per worker that talks to the database, so that the event loop never waits for a disk."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection


class DatabaseThread:
    """Runs plain functions one after the other on its own connection; all of a worker's queries go through it.

    Where many threads are mostly idle they lend their connections to each other in between: `is_mostly_idle`.
    """

    def __init__(self, *, is_mostly_idle: bool = False):
        self._call = _call_and_lend if is_mostly_idle else _call
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="database")

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """The function's result. Its exceptions are raised here."""
        called = partial(copy_context().run, self._call, function, args)  # the log tells the same run and attempt there
        return await asyncio.get_running_loop().run_in_executor(self._executor, called)

    async def close(self) -> None:
        await self.run(lambda: connection.close())  # the name means another connection in every thread
        self._executor.shutdown(wait=False)


def _call_and_lend(function: Callable[..., Any], args: tuple) -> Any:
    try:
        return _call(function, args)
    finally:
        # Back to the pool; SQLite has none and needs none.
        if connection.vendor == "postgresql":
            connection.close()


def passes_by_itself(error: OperationalError) -> bool:
    """Whether the server is away, restarting, or busy with somebody else's locks: nobody has to mend anything but it.

    By PostgreSQL's classes of errors; an error without one never reached a server. SQLite is never away.
    """
    if connection.vendor == "sqlite":
        return False
    code = getattr(error.__cause__, "sqlstate", None)
    return code is None or code.startswith(("08", "40", "57")) or code in ("53300", "55P03")


def _call(function: Callable[..., Any], args: tuple) -> Any:
    try:
        return function(*args)
    except (DatabaseError, InterfaceError) as error:
        # The server may have gone away; the next call then connects anew.
        if connection.vendor != "sqlite":
            with contextlib.suppress(DatabaseError, InterfaceError):
                connection.close()
        if isinstance(error, InterfaceError):  # what psycopg says of a connection that broke before
            raise OperationalError(str(error)) from error
        raise
