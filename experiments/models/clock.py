"""The database's clock, which all machines share. Where two of them compare times, it is this one that counts."""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

# An answer that took longer says too little about when it was given.
LONGEST_TRIP_SECONDS = 1.0
SECONDS_BETWEEN_READINGS = 30

# What the database's clock said, and when by the clock of this process, which nobody sets.
_measured: tuple[datetime, float] | None = None


def measure() -> float:
    """Ask the database for the time. Returns by how many seconds its clock is ahead of this machine's; SQLite is the same."""
    global _measured
    if connection.vendor == "sqlite":
        return 0.0
    connection.ensure_connection()
    with connection.cursor() as cursor:
        asked = time.monotonic()
        cursor.execute("SELECT clock_timestamp()")
        at = cursor.fetchone()[0]
        answered = time.monotonic()
    if _measured is None or answered - asked <= LONGEST_TRIP_SECONDS:
        _measured = at, (asked + answered) / 2
    return (now() - timezone.now()).total_seconds()


def now() -> datetime:
    """The time by the database's clock as last measured, or this machine's where it never was. Asks nobody."""
    measured = _measured
    if measured is None:
        return timezone.now()
    at, read = measured
    return at + timedelta(seconds=time.monotonic() - read)


def read() -> datetime:
    """The time by the database's clock, measured again where that was some time ago. For pages; may ask the database."""
    if _measured is None or time.monotonic() - _measured[1] > SECONDS_BETWEEN_READINGS:
        measure()
    return now()


def at(seconds: float) -> datetime:
    """The time by the database's clock when this machine's says so many seconds since the epoch."""
    return now() + (datetime.fromtimestamp(seconds, UTC) - timezone.now())
