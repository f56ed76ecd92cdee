"""Processes that start before what they need is there: each says what to do, waits, and goes on by itself."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from experiments.management.local_servers import LocalPostgres, LocalRedis, data_folder, free_port
from tests.runner.processes import wait_until
from tests.site import ROOT

SECONDS = 120  # for a busy machine


class Started:
    """A Python process in the checkout, and what it has said so far."""

    def __init__(self, *command: str, before: tuple[str, ...] = (), **told: str):
        usual = {**os.environ, "ASSAY_SECRET_KEY": "of the tests", **told}
        line = [*before, sys.executable, *command]
        self.process = subprocess.Popen(line, cwd=ROOT, env=usual, stderr=subprocess.PIPE, text=True)
        self.said = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stderr:
            self.said += line

    def says(self, words: str) -> None:
        wait_until(lambda: words in self.said or self.process.poll() is not None, SECONDS, every=0.1)
        assert words in self.said

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()
        assert "Traceback" not in self.said


@pytest.fixture
def folder() -> Iterator[Path]:
    made = data_folder()
    yield made
    shutil.rmtree(made)


def manage(*arguments: str, **told: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, timeout=SECONDS)


@pytest.mark.timeout(600)
def test_a_worker_waits_for_one_thing_after_the_other(folder):
    postgres = LocalPostgres(folder / "postgres", free_port())
    broker = LocalRedis(folder / "redis", free_port())
    told = {"ASSAY_DATA_DIR": str(folder), "DATABASE_URL": postgres.url.rpartition("/")[0] + "/lab"}
    with contextlib.ExitStack() as stack:
        worker = stack.enter_context(Started("manage.py", "worker", ASSAY_BROKER_URL=broker.url, **told))
        worker.says(f"PostgreSQL at 127.0.0.1:{postgres.port} refuses connections: nothing listens there.")
        stack.enter_context(postgres)
        worker.says("has no database “lab”. Create it: createdb lab")
        url = postgres.database_url("lab")
        worker.says("lacks tables of this version of Assay. Run “manage.py migrate”")
        done = manage("migrate", "--verbosity", "0", ASSAY_SECRET_KEY="of the tests", **told)
        assert done.returncode == 0, done.stderr
        worker.says("The broker does not answer")
        stack.enter_context(broker)
        worker.says("That is mended; this process goes on.")

        def is_at_work() -> bool:
            with psycopg.connect(url) as connection:
                return bool(connection.execute("SELECT 1 FROM experiments_worker WHERE stopped_at IS NULL").fetchall())

        wait_until(is_at_work, SECONDS, every=0.2)


def answer(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except urllib.error.URLError:
        return 0, ""  # it does not listen yet


@pytest.mark.timeout(600)
def test_pages_say_that_the_database_is_away_and_come_back_with_it(folder, postgres):
    """Away from the start, then there, then gone, then there again: one web process goes through all of it."""
    migrated = postgres.database_url("lab_of_pages")
    told = {"ASSAY_DATA_DIR": str(folder), "ASSAY_SECRET_KEY": "of the tests"}
    assert manage("migrate", "--verbosity", "0", DATABASE_URL=migrated, **told).returncode == 0
    with Relay(postgres.port) as way:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        url = migrated.replace(f":{postgres.port}/", f":{way.port}/")
        with Started("-m", "uvicorn", "webapp.asgi:application", "--port", str(port), DATABASE_URL=url, **told) as web:
            web.says(f"PostgreSQL at 127.0.0.1:{way.port} refuses connections")
            wait_until(lambda: answer(f"{address}/healthz")[0] == 200, SECONDS)
            for _ in range(2):
                status, page = answer(f"{address}/login/link-that-nobody-made/")
                assert (status, "The database does not answer" in page) == (503, True)
                way.open()
                wait_until(lambda: answer(f"{address}/login/link-that-nobody-made/")[0] == 410, SECONDS, every=0.2)
                way.close()


class Relay:
    """A way to a server on this machine that can be closed: then nothing listens and what was open is cut."""

    def __init__(self, target: int):
        self.port = free_port()
        self._target = target
        self._relay: subprocess.Popen | None = None

    def open(self) -> None:
        command = [sys.executable, "-m", "tests.grown.relay", str(self.port), str(self._target)]
        self._relay = subprocess.Popen(command, cwd=ROOT)

    def close(self) -> None:
        if self._relay:
            self._relay.kill()
            self._relay.wait()
            self._relay = None

    def __enter__(self) -> "Relay":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def test_a_wrong_password_is_named_and_not_shown(folder):
    with LocalPostgres(folder / "postgres", free_port()) as postgres:
        url = postgres.database_url("lab")
        (folder / "postgres" / "data" / "pg_hba.conf").write_text("host all all samehost scram-sha-256\n")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE ROLE lab LOGIN PASSWORD 'right'")
            connection.execute("SELECT pg_reload_conf()")
        wrong = url.replace("postgres@", "lab:geheim@")
        done = wait_until(lambda: refused(folder, wrong), SECONDS)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"Assay cannot start. PostgreSQL at 127.0.0.1:{postgres.port} does not let “lab” in: user or password")
    assert "geheim" not in done.stderr


def refused(folder: Path, url: str) -> subprocess.CompletedProcess | None:
    """Once the server goes by its new rules."""
    done = manage("showmigrations", DATABASE_URL=url, ASSAY_DATA_DIR=str(folder))
    return done if done.returncode else None


def test_a_server_that_never_says_anything_is_not_waited_for_in_silence(folder):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        url = f"postgres://lab:geheim@127.0.0.1:{port}/lab"
        with Started("manage.py", "worker", DATABASE_URL=url, ASSAY_DATA_DIR=str(folder)) as worker:
            worker.says(f"PostgreSQL at 127.0.0.1:{port} does not answer. See that it runs and that DATABASE_URL is right.")
            assert "geheim" not in worker.said


def test_a_full_disk_is_waited_for(folder):
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    small = folder / "small"
    small.mkdir()
    mounted = f'mount -t tmpfs -o size=60m tmpfs "{small}" && head -c 55m /dev/zero > "{small}/ballast" && exec "$@"'
    before = ("unshare", "--mount", "sh", "-c", mounted, "sh")
    port = str(free_port())
    told = {"ASSAY_DATA_DIR": str(small), "DATABASE_URL": ""}
    with Started("manage.py", "serve", "--workers", "0", "--port", port, before=before, **told) as serving:
        serving.says(f"The disk with the data folder {small} is full: 5 MB are free. Make room there.")
        Path(f"/proc/{serving.process.pid}/root{small}/ballast").unlink()
        serving.says("That is mended; this process goes on.")
        wait_until(lambda: answer(f"http://127.0.0.1:{port}/healthz")[0] == 200, SECONDS, every=0.2)
