"""The same code on another database for a while: Django's default connection pointed at a copy."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Inside, the default connection of this thread is on that database: a file's path, or a name on the same server."""
    usual = connection.settings_dict["NAME"]
    _point_at(name)
    try:
        yield
    finally:
        _point_at(usual)


def close() -> None:
    """Let go of the database, with what a pool holds of it."""
    connection.close()
    if getattr(connection, "pool", None):
        connection.close_pool()


def _point_at(name: str) -> None:
    close()
    connection.settings_dict["NAME"] = name
