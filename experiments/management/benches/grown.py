"""The grown-up size: many workers, PostgreSQL and Redis of this benchmark's own, a million samples, 500 sockets."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from django.conf import settings

from ..local_servers import LocalPostgres, LocalRedis, data_folder, free_port
from . import Row, bench

PARTS = ("scaling", "sockets", "pages", "exports")


@bench("grown")
def grown() -> Iterator[Row]:
    """Four workers against one, 500 sockets, and pages and exports at a million samples, all on PostgreSQL and Redis"""
    folder = data_folder("assay-bench-")
    try:
        with LocalPostgres(folder / "postgres", free_port()) as postgres, LocalRedis(folder / "redis", free_port()) as redis:
            for part in PARTS:
                yield from _measured(part, postgres.database_url("bench"), redis.url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(part: str, database: str, broker: str) -> Iterator[Row]:
    """The rows of one part, measured by a process that was started on these servers."""
    command = [sys.executable, "-m", "experiments.management.benches.grown_parts", part]
    environment = {**os.environ, "DATABASE_URL": database, "ASSAY_BROKER_URL": broker}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    for fields in json.loads(done.stdout.splitlines()[-1]):
        yield Row(**fields)
