"""How soon a process that cannot start its work says why: seconds from the command to the sentence."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from ..local_servers import LocalPostgres, data_folder, free_port
from . import Row, bench

MOST_SECONDS = 5.0
# A process that says nothing for so long is given up.
PATIENCE_SECONDS = 60.0


@bench("starting")
def starting() -> Iterator[Row]:
    """Seconds until a worker that cannot start has said what is wrong"""
    folder = data_folder("assay-bench-")
    try:
        with LocalPostgres(folder / "postgres", free_port()) as postgres, socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            migrated, empty = postgres.database_url("migrated"), postgres.database_url("empty")
            _migrate(folder, migrated)
            for what, words, told in (
                ("DATABASE_URL that cannot be read", "DATABASE_URL", {"DATABASE_URL": "mysql://lab@db/assay"}),
                ("nothing listens", "refuses connections", {"DATABASE_URL": f"postgres://lab@127.0.0.1:{free_port()}/lab"}),
                ("a server that says nothing", "does not answer", {"DATABASE_URL": f"postgres://lab@127.0.0.1:{port}/lab"}),
                ("no such database", "has no database", {"DATABASE_URL": f"{postgres.url}_missing"}),
                ("old schema", "lacks tables", {"DATABASE_URL": empty}),
                ("no broker", "broker does not answer", _with_broker(migrated, free_port())),
                ("a broker that says nothing", "broker does not answer", _with_broker(migrated, port)),
            ):
                yield Row.at_most(what, _seconds_until(words, folder, **told), "s", MOST_SECONDS)
        if _may_mount():
            yield Row.at_most("full disk", _seconds_on_a_full_disk(folder), "s", MOST_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _with_broker(database: str, port: int) -> dict[str, str]:
    return {"DATABASE_URL": database, "ASSAY_BROKER_URL": f"redis://127.0.0.1:{port}/0"}


def _migrate(folder: Path, database: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=_environment(folder, DATABASE_URL=database), check=True)


def _seconds_until(words: str, folder: Path, before: tuple[str, ...] = (), **told: str) -> float:
    """From the start of a worker to the line with these words."""
    command = [*before, sys.executable, "manage.py", "worker"]
    began = time.monotonic()
    environment = _environment(folder, **told)
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True) as process:
        giving_up = threading.Timer(PATIENCE_SECONDS, process.kill)
        giving_up.start()
        said = ""
        for line in process.stderr:
            said += line
            if words in line:
                break
        seconds = time.monotonic() - began
        giving_up.cancel()
        process.kill()
    if words not in said:
        raise RuntimeError(f"The worker did not say “{words}”, but: {said}")
    return seconds


def _environment(folder: Path, **told: str) -> dict[str, str]:
    usual = {"ASSAY_DATA_DIR": str(folder), "ASSAY_SECRET_KEY": "of the benchmark", "DATABASE_URL": "", "ASSAY_BROKER_URL": ""}
    return {**os.environ, **usual, **told}


def _may_mount() -> bool:
    return not subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode


def _seconds_on_a_full_disk(folder: Path) -> float:
    small = folder / "small"
    small.mkdir()
    mounted = f'mount -t tmpfs -o size=10m tmpfs "{small}" && exec "$@"'
    return _seconds_until("is full", small, before=("unshare", "--mount", "sh", "-c", mounted, "sh"))
