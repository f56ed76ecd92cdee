"""What `serve --grown` needs: PostgreSQL and Redis of our own beside the data, where nobody named others."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .local_servers import LocalPostgres, LocalRedis, free_port

DATABASE_NAME = "assay"


@contextmanager
def own_servers(folder: Path) -> Iterator[dict[str, str]]:
    """Inside, they run; yields the settings that name them. Raises ServersMissing saying what to install."""
    with ExitStack() as servers:
        named = {}
        if not os.environ.get("DATABASE_URL"):
            postgres = servers.enter_context(LocalPostgres(folder / "postgres", free_port()))
            named["DATABASE_URL"] = postgres.database_url(DATABASE_NAME)
        if not os.environ.get("ASSAY_BROKER_URL"):
            named["ASSAY_BROKER_URL"] = servers.enter_context(LocalRedis(folder / "redis", free_port())).url
        yield named


def run_until_stopped(command: list[str], environment: dict[str, str]) -> int:
    """The command's exit code. Ctrl-C and SIGTERM are passed on to it, and it is waited for."""
    # Its own session: Ctrl-C in the terminal reaches it once, through us.
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.terminate())
    return process.wait()
