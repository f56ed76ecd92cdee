"""A database to throw away."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection


@contextmanager
def scratch_database() -> Iterator[Path]:
    """This process's rows go to an empty SQLite database on the disk while the block runs. Yields its folder."""
    usual = dict(connection.settings_dict)
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        connection.close()
        connection.settings_dict["NAME"] = str(Path(folder) / "assay.sqlite3")
        try:
            call_command("migrate", verbosity=0)
            yield Path(folder)
        finally:
            connection.close()
            connection.settings_dict.update(usual)
