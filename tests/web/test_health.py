"""/healthz and /readyz: what they tell, to whom, and that nothing makes them hang."""

import asyncio
import json
import threading

import pytest
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from experiments.runner import presence
from experiments.runner.readiness import Check
from experiments.web import health
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Enough for a busy machine; what happens when it ends has a test of its own."""
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 60)


@pytest.fixture
def worker():
    return presence.register()


def ready(client: Client | None = None, **headers) -> tuple[int, dict[str, dict]]:
    """(status, checks by name)."""
    answer = (client or Client()).get("/readyz", headers=headers)
    told = json.loads(answer.content)
    assert told["ready"] == (answer.status_code == 200)
    assert len(answer.content.decode().strip().splitlines()) == len(told["checks"]) + 2, "one line a check"
    return answer.status_code, {line["check"]: line for line in told["checks"]}


def test_alive_is_told_without_the_database_a_session_or_a_login(django_assert_num_queries):
    client = Client()
    client.cookies["assay_session"] = "left over from somewhere"
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not answer.cookies
    assert client.post("/healthz").status_code == 405
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_ready_with_a_database_its_migrations_and_a_worker(worker):
    assert ready() == (200, {name: {"check": name, "ok": True} for name in ("database", "migrations", "worker")})


def test_without_a_worker_it_is_not_ready():
    status, checks = ready()
    assert status == 503
    assert {name: check["ok"] for name, check in checks.items()} == {"database": True, "migrations": True, "worker": False}


def test_with_a_missing_migration_it_is_not_ready(worker):
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "experiments")
    recorder.record_unapplied("experiments", newest)
    try:
        status, checks = ready()
    finally:
        recorder.record_applied("experiments", newest)
    assert status == 503
    assert {name: check["ok"] for name, check in checks.items()} == {"database": True, "migrations": False}


def test_what_to_do_is_told_to_administrators_and_to_who_has_the_token_only(worker, settings):
    settings.ASSAY_METRICS_TOKEN = "a-token-for-prometheus"

    def sees(client: Client, **headers) -> bool:
        return "says" in ready(client, **headers)[1]["worker"]

    def browser(role: str) -> Client:
        client = Client()
        client.force_login(make_user(role))
        return client

    assert [sees(browser(role)) for role in ("viewer", "editor", "administrator")] == [False, False, True]
    assert [sees(Client()), sees(Client(), Authorization="Bearer a-token-for-prometheus")] == [False, True]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a pool keeps connections; tests/grown/test_watching.py has its like")
def test_a_database_that_is_away_is_told_with_what_to_do_but_to_strangers_without(monkeypatch, settings):
    settings.ASSAY_METRICS_TOKEN = "a-token-for-prometheus"
    # Threads that connect from now on find nothing there.
    monkeypatch.setitem(connections.databases["default"], "NAME", "/nowhere/at/all")
    client = Client()
    client.cookies["assay_session"] = "somebody's"
    assert ready(client) == (503, {"database": {"check": "database", "ok": False}})
    line = ready(Authorization="Bearer a-token-for-prometheus")[1]["database"]
    assert line["says"].startswith("It does not answer: ")
    assert "DATABASE_URL" in line["do"]


def test_a_broker_that_is_away_is_not_ready(worker, settings):
    settings.ASSAY_BROKER_URL = "redis://127.0.0.1:1/0"
    status, checks = ready()
    assert (status, checks["broker"]) == (503, {"check": "broker", "ok": False})
    assert checks["database"]["ok"]


async def test_a_question_that_hangs_is_given_up_and_not_asked_again_meanwhile(monkeypatch):
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    hangs, asked = threading.Event(), []

    def question() -> Check:
        asked.append(1)
        hangs.wait()
        return Check("database", True, "It answers.")

    questions = health.Questions()
    answers = await asyncio.gather(*(questions.ask("database", question) for _ in range(3)))
    assert [each.is_ok for each in answers] == [False] * 3
    assert "did not answer within" in answers[0].says
    assert len(asked) == 1
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 30)
    late = asyncio.create_task(questions.ask("database", question))
    await asyncio.sleep(0)
    hangs.set()
    assert (await late).is_ok
    assert len(asked) == 1
