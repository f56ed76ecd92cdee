"""A database to throw away, of the kind that DATABASE_URL names."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection


@contextmanager
def scratch_database() -> Iterator[Path]:
    """This process's rows go to an empty database while the block runs: a new file on the disk, or a new database on the
    PostgreSQL server in use. Yields a folder for its processes' files."""
    usual = dict(connection.settings_dict)
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        name = str(Path(folder) / "assay.sqlite3") if connection.vendor == "sqlite" else _made_on_server()
        _leave(usual | {"NAME": name})
        try:
            call_command("migrate", verbosity=0)
            yield Path(folder)
        finally:
            _leave(usual)
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def environment(folder: Path) -> dict[str, str]:
    """For a process of Assay's that works on the scratch database of `folder`."""
    here = connection.settings_dict
    url = f"sqlite:///{here['NAME']}"
    if connection.vendor == "postgresql":
        password = f":{here['PASSWORD']}" if here["PASSWORD"] else ""
        url = f"postgres://{here['USER']}{password}@{here['HOST']}:{here['PORT']}/{here['NAME']}"
    return {**os.environ, "ASSAY_DATA_DIR": str(folder), "DATABASE_URL": url, "ASSAY_SECRET_KEY": settings.SECRET_KEY}


def _made_on_server() -> str:
    name = f"assay_bench_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    return name


def _leave(settings_dict: dict) -> None:
    """Close what is open, and go by these settings from now on."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
    connection.settings_dict.update(settings_dict)
