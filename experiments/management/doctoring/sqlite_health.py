"""SQLite's file: whole, in the mode that lets readers and the writer alone, and its log not growing."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from .registry import Exam, Seen, check, fault, ok, warning

LARGE_LOG_BYTES = 256 << 20


@check("SQLite")
def sqlite(exam: Exam) -> Iterator[Seen]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        problems = [line for (line,) in cursor.execute("PRAGMA quick_check(3)")]
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
    if problems == ["ok"]:
        yield ok("The file is whole.")
    else:
        yield fault(
            f"The file is damaged: {'; '.join(problems)}",
            "Stop Assay and restore the last backup: manage.py restore FILE --replace",
        )
    if mode != "wal":
        yield warning(
            f"Its journal mode is “{mode}” instead of “wal”, so that pages wait for the worker.",
            "See whether the file lies on a network drive; put the data folder on a disk of this machine.",
        )
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    n_bytes = log.stat().st_size if log.exists() else 0
    if n_bytes > LARGE_LOG_BYTES:
        yield warning(
            f"Its log has grown to {n_bytes / 1e6:,.0f} MB: something keeps reading and never ends.",
            "Restart the web server and the workers; the log then empties by itself.",
        )
