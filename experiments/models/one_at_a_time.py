"""Turns for what may not happen twice at once and has no row of its own to lock."""

from django.db import connection


def wait_for_turn(what: str) -> None:
    """Until this transaction ends, everybody else who says the same waits. SQLite lets in one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])
