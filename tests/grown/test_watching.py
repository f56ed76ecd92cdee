"""A web process with real servers behind it: what it tells of them, and that it answers while they do not."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from prometheus_client.parser import text_string_to_metric_families

from experiments.management.local_servers import free_port
from tests.runner.processes import wait_until
from tests.site import ROOT

TOKEN = "a-token-for-the-tests"
PATIENCE_SECONDS = 120


class Web:
    """A web process alone, as a host of many would run it."""

    def __init__(self, folder: Path, database: str, broker: str):
        told = {"ASSAY_DATA_DIR": str(folder), "DATABASE_URL": database, "ASSAY_BROKER_URL": broker}
        self.environment = {**os.environ, **told, "ASSAY_METRICS_TOKEN": TOKEN, "ASSAY_LOG_FORMAT": "json"}
        self._port = free_port()
        command = ["-m", "uvicorn", "webapp.asgi:application", "--port", str(self._port), "--lifespan", "off"]
        self._log = (folder / "web.log").open("w+")
        self._process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.environment, stderr=self._log)

    def get(self, path: str) -> tuple[int, str]:
        asked = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def is_alive(self) -> bool:
        with contextlib.suppress(OSError):
            return self.get("/healthz") == (200, "ok\n")
        return False

    def ready(self) -> tuple[int, dict[str, dict]]:
        status, text = self.get("/readyz")
        return status, {line["check"]: line for line in json.loads(text)["checks"]}

    def metrics(self) -> dict[tuple[str, ...], float]:
        status, text = self.get("/metrics")
        assert status == 200
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True, capture_output=True)

    def said(self) -> list[dict]:
        self._log.seek(0)
        return [json.loads(line) for line in self._log]

    def __enter__(self) -> "Web":
        wait_until(self.is_alive, PATIENCE_SECONDS, every=0.2)
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Something listens there and never says a word, as a host behind a cut cable."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield server.getsockname()[1]


def test_it_tells_of_database_broker_and_queues(tmp_path, postgres, redis):
    with Web(tmp_path, postgres.database_url("watching"), redis.url) as web:
        wait_until(lambda: "migrations" in web.ready()[1], PATIENCE_SECONDS, every=0.2)
        status, checks = web.ready()
        assert (status, checks["database"]["ok"], checks["migrations"]["ok"]) == (503, True, False)
        assert "manage.py migrate" in checks["migrations"]["do"]
        web.manage("migrate", "--verbosity", "0")
        worker = "Worker.objects.create(host='far', pid=1, process_started=0, queues=['errands', 'never seen'])"
        web.manage("shell", "-c", f"from experiments.models import Worker; {worker}")
        wait_until(lambda: web.ready()[0] == 200, PATIENCE_SECONDS, every=0.2)
        assert sorted(web.ready()[1]) == ["broker", "database", "migrations", "worker"]
        with Connection(redis.url) as broker:
            waiting = broker.SimpleQueue("errands")
            for _ in range(3):
                waiting.put({})
            found = web.metrics()
            waiting.clear()
        assert found["assay_broker_messages", "errands"] == 3
        assert found["assay_broker_messages", "never seen"] == 0
        assert found["assay_broker_up",] == found["assay_database_up",] == 1
        assert found["assay_database_round_trip_seconds",] > 0
        assert found["assay_web_sockets",] == 0


def test_it_answers_while_database_and_broker_are_silent(tmp_path, silent_port):
    database = f"postgres://assay:sk-planted-77d1c0@127.0.0.1:{silent_port}/lab"
    with Web(tmp_path, database, f"redis://127.0.0.1:{silent_port}/0") as web:
        status, checks = web.ready()
        assert (status, sorted(checks)) == (503, ["broker", "database"])
        assert not any(check["ok"] for check in checks.values())
        assert checks["database"]["says"] == "It did not answer within 1.5 s."
        assert web.is_alive()
        found = web.metrics()
        assert found["assay_database_up",] == 0
        assert ("assay_web_loop_lag_seconds",) in found
        lines = web.said()
    assert lines, "every line is one object"
    assert not any("77d1c0" in json.dumps(line) for line in lines)
