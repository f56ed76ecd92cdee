"""A key is planted, a paid run uses it and the endpoint quotes it back; then everything the system wrote is searched for it."""

import re
import subprocess
from collections import deque
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from django.test import Client

from experiments.inference import keys
from experiments.models import Call, LanguageModel, Run, TruthTest
from tests.factories import make_run, make_user
from tests.runner.paying import make_paid_experiment
from tests.runner.processes import manage
from tests.servers.misbehaving import echo_key, status
from tests.servers.threads import answering, served

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "sk-planted-in-a-run-77d1c0"
_LINK = re.compile(r'(?:href|src|hx-get|action)="(/[^"#]*)')
# What a visit would change, and what shows nothing of ours.
_NOT_FOLLOWED = re.compile(r"^/(static|logout|api/docs)")


def test_the_key_is_nowhere_in_what_the_system_wrote(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("ASSAY_REQUEST_LOG", str(tmp_path / "requests.jsonl"))
    quoting = status(500, {"error": {"message": f"cannot bill {SECRET} now"}})
    with served(quoting, quoting, answering()) as server, served(echo_key) as refusing:
        paid, refused = make_planted_run(server), make_planted_run(refusing)
        administrator = make_user("administrator")
        TruthTest.objects.request(refused.conditions.get().language_model, administrator)
        worked = manage("worker", "--until-idle")
        assert worked.returncode == 0
        assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {SECRET}"}
    paid.refresh_from_db()
    refused.refresh_from_db()
    assert (paid.state, refused.state) == (Run.State.COMPLETED, Run.State.PAUSED)
    assert "Incorrect API key provided: Bearer [key]" in refused.reason
    assert "cannot bill [key] now" in Call.objects.filter(run=paid, state="failed").first().note

    for format in ("csv", "jsonl"):
        for name, command in (("run", ["export_run", str(paid.pk)]), ("ledger", ["export_ledger", "--all"])):
            manage(*command, "--format", format, "--output", str(tmp_path / f"{name}.{format}"))
    written = {"the worker's log": worked.stdout + worked.stderr, "the database": dump()}
    written |= {str(path): content_of(path) for path in files_in(tmp_path, settings.ASSAY_DATA_DIR)}
    written |= visited(administrator, f"/api/runs/{paid.pk}/", paid)
    for place, text in written.items():
        assert SECRET not in text, place
        assert SECRET.removeprefix("sk-") not in text, place
    assert "did not answer" in written["the worker's log"] or "try 1" in written["the worker's log"], "it logs what went wrong"
    for place in ("the database", f"/runs/{refused.pk}/", f"/api/runs/{paid.pk}/ledger/", str(tmp_path / "ledger.csv")):
        assert "[key]" in written[place] or "planted" in written[place], f"{place} tells of it, so this would find it"
    assert len(written) > 60


def make_planted_run(server) -> Run:
    keys.store(f"planted-{server.base_url.rsplit(':')[-1][:-3]}", SECRET, server.base_url)
    name = next(name for name, url in keys.stored().items() if url == server.base_url)
    return make_run(make_paid_experiment(server, {"stored_key": name, "max_concurrency": 1}, n=2, problems=2))


def dump() -> str:
    """Every row of every table as the database has it."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += (
                str([bytes(value) if isinstance(value, memoryview) else value for value in row]) for row in cursor.fetchall()
            )
    return "\n".join(rows)


def files_in(*folders) -> list[Path]:
    return [path for folder in folders for path in Path(folder).rglob("*") if path.is_file() and path.suffix != ".gguf"]


def content_of(path: Path) -> str:
    """Read by another process: closing a file of SQLite's in this one would drop the locks that SQLite has on it."""
    return subprocess.run(["cat", path], capture_output=True, check=True).stdout.decode(errors="replace")


def visited(user, api_run: str, run: Run) -> dict[str, str]:
    """Every page that can be reached by links from the dashboard, and every answer of the API, by address."""
    browser = Client()
    browser.force_login(user)
    resources = ("datasets", "prompts", "variants", "language_models", "experiments", "runs")
    others = ("", "plugins", "keys", "addresses", "people", "spending", "ledger", "schema")
    parts = ("", "progress", "findings", "attempts", "samples", "export", "ledger")
    model = LanguageModel.objects.first().pk
    waiting = deque(["/", "/models/keys/", "/runs/ledger/", f"/api/language_models/{model}/truth_test/", run.get_absolute_url()])
    waiting.extend(f"/api/{name}/" if name else "/api/" for name in (*resources, *others))
    waiting.extend(f"{api_run}{part}/" if part else api_run for part in parts)
    seen: dict[str, str] = {}
    while waiting:
        address = waiting.popleft()
        if address in seen or _NOT_FOLLOWED.match(address) or len(seen) >= 150:
            continue
        response = browser.get(address)
        seen[address] = f"{response.headers}\n{body_of(response)}"
        if response.get("Content-Type", "").startswith("text/html"):
            waiting.extend(found.replace("&amp;", "&") for found in _LINK.findall(seen[address]))
    return seen


def body_of(response) -> str:
    if not response.streaming:
        return response.content.decode(errors="replace")

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(read)().decode(errors="replace")
