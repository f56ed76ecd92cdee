"""SQLite's side of backups: a copy while others write, and changing one file for another."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from .errors import BackupError
from .manifest import TableSum
from .sums import sums_of_sqlite

MEMBER = "database.sqlite3"


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy as one file, by SQLite's online backup.

    All pages in one step: that is one read transaction, for which no writer waits and which no writer restarts. What is
    written meanwhile stays in the source's log and is not in the copy.
    """
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        reading.backup(writing, pages=-1)
        # The copy of a database with a write-ahead log wants one too; as one file it travels without.
        writing.execute("PRAGMA journal_mode=DELETE")


def check_and_sum(path: Path) -> dict[str, TableSum]:
    """Row counts and checksums by table. Raises BackupError where SQLite finds the file damaged."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            found = [line for (line,) in connection.execute("PRAGMA integrity_check(5)")]
            if found != ["ok"]:
                raise BackupError(f"SQLite finds the database damaged: {'; '.join(found)}.")
            return sums_of_sqlite(connection)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"SQLite cannot read the database: {error}.") from None


def migrations_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        return [f"{app}.{name}" for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]


def put_in_place(new: Path, place: Path) -> None:
    """Make `new` the database at `place`, in one step; both lie in one folder and nobody has either open.

    The old database's log is written into it first and then removed: left behind, it would be taken for the new one's.
    """
    if place.exists():
        with closing(sqlite3.connect(place, isolation_level=None, timeout=30)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copymode(place, new)
    else:
        new.chmod(0o600)
    for suffix in ("-wal", "-shm"):
        Path(f"{place}{suffix}").unlink(missing_ok=True)
    sync(new)
    os.replace(new, place)
    sync(place.parent)


def sync(path: Path) -> None:
    """Have the file, or the folder's list of names, on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
