"""The ledger as a file: a row a call, in the order in which they left."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Call
from experiments.reports import ledger
from tests.factories import make_run

SENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def run(db):
    run = make_run()
    make_call(run, "a" * 32, state="answered", cost=0.5, completion_tokens=3, status=200, request_id="req-1")
    make_call(run, "b" * 32, state="lost", cost=2.0, usage_is_estimated=True, note="=died, badly")
    return run


def make_call(run, key: str, **fields) -> Call:
    names = {"key": key, "language_model": "m", "request_hash": "0" * 32, "occurrence": 1, "try_number": 2}
    return Call.objects.create(run=run, attempt=run.attempts.first(), sent_at=SENT, most_cost=2.0, **names, **fields)


def table(calls) -> list[dict[str, str]]:
    text = b"".join(ledger.export_ledger(calls, "csv")).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_says_what_was_asked_and_what_became_of_it(run):
    answered, lost = table(run.calls.all())
    assert list(answered) == [column.name for column in ledger.COLUMNS]
    assert answered["call"] == "a" * 32
    assert answered["problem"] == "p0"
    assert answered["sent_at"] == "2026-03-01T12:30:00+00:00"
    assert (answered["status"], answered["completion_tokens"], answered["cost"]) == ("200", "3", "0.5")
    assert (lost["state"], lost["status"], lost["usage_is_estimated"], lost["cost"]) == ("lost", "", "1", "2.0")
    assert lost["note"] == "'=died, badly", "a spreadsheet must not run it"


def test_lines_of_json_hold_the_same(run):
    lines = b"".join(ledger.export_ledger(run.calls.all(), "jsonl")).decode().splitlines()
    answered, lost = map(json.loads, lines)
    assert (answered["run"], answered["cost"], answered["status"]) == (run.pk, 0.5, 200)
    assert (lost["note"], lost["status"]) == ("=died, badly", None)


def test_many_calls_are_read_in_pieces_and_none_is_left_out(run, monkeypatch):
    for i in range(7):
        make_call(run, f"{i:032}", state="answered")
    monkeypatch.setattr(ledger, "CHUNK", 2)
    assert len(table(Call.objects.all())) == 9


def test_the_command_writes_one_run_or_all(run, tmp_path):
    other = make_run()
    make_call(other, "c" * 32, state="sent")
    call_command("export_ledger", run.pk, output=str(tmp_path / "one.csv"))
    call_command("export_ledger", all=True, format="jsonl", output=str(tmp_path / "all.jsonl"))
    assert (tmp_path / "one.csv").read_bytes() == b"".join(ledger.export_ledger(run.calls.all(), "csv"))
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 3
    with pytest.raises(CommandError, match="There is no run 99999"):
        call_command("export_ledger", 99999)
