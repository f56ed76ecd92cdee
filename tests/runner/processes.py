"""Real worker processes on the test's own database, to be killed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
from django.db import connection

from webapp.databases import address_of

ROOT = Path(__file__).resolve().parent.parent.parent


class WorkerProcess:
    """`manage.py worker` of the code at `at` as a child. Requests to language models are logged to `request_log`."""

    def __init__(self, request_log: Path, *arguments: str, at: Path = ROOT):
        command = [sys.executable, "manage.py", "worker", *arguments]
        self.process = subprocess.Popen(command, cwd=at, env={**environment(), "ASSAY_REQUEST_LOG": str(request_log)})

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.kill()


def manage(*arguments: str) -> subprocess.CompletedProcess:
    """A management command on the test's database, in a process of its own, to its end."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300)


def environment() -> dict[str, str]:
    """That of a child which works on the test's database."""
    return {**os.environ, "DATABASE_URL": address_of(connection.settings_dict["NAME"], os.environ["DATABASE_URL"])}


def wait_until(condition, seconds: float = 30, every: float = 0.02):
    """The condition's first true value. For what other processes do, which no event in this one can tell."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(every)
    raise AssertionError(f"not in {seconds} s: {condition}")


def read_requests(request_log: Path) -> list[dict]:
    return [json.loads(line) for line in request_log.read_text().splitlines()]
