"""A lab on one machine as several machines would run it: a database, a broker, Celery's workers and its beat."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.runner.processes import ROOT, wait_until

_BEAT = ["-m", "celery", "--app", "webapp.celery", "--quiet", "beat", "--loglevel", "WARNING"]


class PlacedLab:
    """Its processes end with it. `ask` goes straight to the database."""

    def __init__(self, database_url: str, broker_url: str, folder: Path):
        self.url, self.broker_url, self.folder = database_url, broker_url, folder
        self._log = folder / "log"
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "DATABASE_URL": database_url,
            "ASSAY_BROKER_URL": broker_url,
            "ASSAY_DATA_DIR": str(folder),
        }
        self._processes: list[subprocess.Popen] = []
        self._console: subprocess.Popen | None = None

    def __enter__(self) -> "PlacedLab":
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=self._environment, check=True)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._console = self.start("-m", "tests.grown.console", **pipes)
        return self

    def __exit__(self, *_) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def start(self, *command: str, environment: dict | None = None, **options) -> subprocess.Popen:
        with self._log.open("ab") as log:
            everything = {**self._environment, **(environment or {})}
            process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=everything, **{"stderr": log, **options})
        self._processes.append(process)
        return process

    def start_worker(self, **environment: str) -> subprocess.Popen:
        return self.start("manage.py", "worker", environment=environment)

    def start_beat(self) -> subprocess.Popen:
        return self.start(*_BEAT)

    def wait_for_workers(self, n: int) -> None:
        """Until so many listen."""
        living = "SELECT count(*) FROM experiments_worker WHERE stopped_at IS NULL AND queues::text <> '[]'"
        wait_until(lambda: self.ask(living)[0][0] == n, 60, every=0.1)

    def start_runs(self, *runs: dict, **language_model) -> list[int]:
        return self._tell("start", runs=runs, language_model=language_model)

    def move(self, run: int, verb: str) -> bool:
        return self._tell("move", run=run, verb=verb)

    def ask(self, query: str, *values) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def n_done(self, run: int) -> int:
        return self.ask("SELECT n_attempts_done FROM experiments_run WHERE id = %s", run)[0][0]

    def state(self, run: int) -> str:
        return self.ask("SELECT state FROM experiments_run WHERE id = %s", run)[0][0]

    def wait_for_state(self, run: int, state: str) -> None:
        wait_until(lambda: self.state(run) == state, 120, every=0.1)

    def attempts(self, run: int, state: str) -> int:
        return self.ask("SELECT count(*) FROM experiments_attempt WHERE run_id = %s AND state = %s", run, state)[0][0]

    def n_batches(self, run: int) -> int:
        return self.ask("SELECT count(*) FROM experiments_batch WHERE run_id = %s", run)[0][0]

    @property
    def log(self) -> str:
        return self._log.read_text()

    def _tell(self, what: str, **told):
        self._console.stdin.write(json.dumps([what, told]) + "\n")
        self._console.stdin.flush()
        return json.loads(self._console.stdout.readline())
