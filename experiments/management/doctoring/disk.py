"""Room on the disks, and how long it lasts at the present growth."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import Error, connection, transaction
from django.db.models import Count, Sum

from ...models import Run, clock
from ..backups import data_files, postgres_dumps
from .registry import Exam, Seen, check, fault, ok, warning

LOW_BYTES = 2 << 30
VERY_LOW_BYTES = 256 << 20
FEW_DAYS = 14
_WEEK = timedelta(days=7)


@check("disk")
def disk(exam: Exam) -> Iterator[Seen]:
    yield _room("The data folder", data_files.data_folder(), None)
    place = _place_of_database()
    if place is None:
        yield ok("The database's disk is on another machine, or not to be seen from here: watch it there.")
    else:
        yield _room("The database", place, bytes_a_day())


def bytes_a_day() -> float | None:
    """By how much the database grows: what it takes for a sample, times the last week's samples. None while there are few."""
    totals = Run.objects.aggregate(n=Sum("n_samples"), runs=Count("pk"))
    recent = Run.objects.filter(created_at__gt=clock.now() - _WEEK).aggregate(n=Sum("n_samples"))["n"] or 0
    if (totals["n"] or 0) < 1000 or not recent:
        return None
    return _size() / totals["n"] * recent / _WEEK.days


def _room(what: str, place: Path, growth: float | None) -> Seen:
    free = shutil.disk_usage(place).free
    days = free / growth if growth else None
    lasts = f", which lasts {days:,.0f} days at the last week's growth" if days else ""
    said = f"{what} has {free / 1e9:,.1f} GB free{lasts}."
    todo = "Make room: retention rules (manage.py tidy), older backups, or a larger disk."
    if free < VERY_LOW_BYTES:
        return fault(said, todo)
    return warning(said, todo) if free < LOW_BYTES or (days and days < FEW_DAYS) else ok(said)


def _size() -> int:
    return postgres_dumps.size() if connection.vendor == "postgresql" else Path(connection.settings_dict["NAME"]).stat().st_size


def _place_of_database() -> Path | None:
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).parent
    if connection.settings_dict["HOST"] not in ("", "localhost", "127.0.0.1", "::1"):
        return None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            place = Path(cursor.fetchone()[0])
            return place if place.exists() else None
    except (Error, OSError):
        # Only PostgreSQL's administrators are told, and others may not look there.
        return None
