"""A run goes into one file and comes back the same."""

import csv
import io
import json
import random
from hashlib import sha256

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import (
    AuditEntry,
    Run,
    User,
)
from experiments.reports.export_formats import export
from experiments.runner.archives import writing
from experiments.runner.archives.manifest import VERSION
from experiments.runner.archives.restoring import restore_run
from experiments.runner.archives.tables import LEFT_OUT, TABLES
from experiments.runner.archives.writing import Writing, archive_run
from tests.factories import make_sample
from tests.runner.archived import forget_everything, make_full_run, make_small_run

pytestmark = pytest.mark.django_db(transaction=True)

ROW_NUMBERS = {"run", "attempt", "sample", "parent", "reused_from"}


def exported(run: Run) -> list[dict]:
    """The rows of the CSV but for the numbers that rows have in a database."""
    text = b"".join(export(run, "csv")).decode()
    return [{name: cell for name, cell in row.items() if name not in ROW_NUMBERS} for row in csv.DictReader(io.StringIO(text))]


def found(run: Run) -> list[tuple]:
    return list(run.findings.values_list("position", "key", "title", "sentence", "estimates", "figure", "details"))


def test_every_table_with_a_way_to_a_run_is_archived_or_left_out_with_a_reason():
    models = list(apps.get_app_config("experiments").get_models(include_auto_created=True))
    reaching = {Run}
    while more := {each for each in models if each not in reaching and _leads_to(each, reaching)}:
        reaching |= more
    archived = {table.model for table in TABLES}
    missing = {each.__name__ for each in reaching - archived} - LEFT_OUT.keys()
    assert not missing, f"Add {missing} to runner/archives/tables.py: to TABLES, or to LEFT_OUT with the reason"


def _leads_to(model, reaching) -> bool:
    return any(field.related_model in reaching for field in model._meta.concrete_fields if field.is_relation)


def test_every_column_of_an_archived_table_is_in_its_lines_or_left_out_with_a_reason():
    for table in TABLES:
        for field in table.model._meta.concrete_fields:
            known = (
                field.primary_key
                or field.name in table.left_out
                or field.name in table.refers_to
                or field.name in table.named
                or field in table.plain
                or field in table.people
            )
            assert known, f"Say in runner/archives/tables.py what the archive does with {table.model.__name__}.{field.name}"


#: Of the names of all members and columns, by the version of the format.
LAYOUTS = {(1, 0): "c87ed2e872936ead"}


def test_a_change_of_the_columns_is_a_new_version_of_the_format():
    layout = json.dumps({table.name: sorted(table.columns) for table in TABLES}, sort_keys=True)
    assert LAYOUTS.get(VERSION) == sha256(layout.encode()).hexdigest()[:16], (
        "What archives hold has changed. If a release writes this version already, raise VERSION in archives/manifest.py "
        "(the minor number for what was added); then put the new digest here"
    )


def test_a_restored_run_makes_the_same_archive_export_and_findings(tmp_path):
    run = make_full_run()
    first = archive_run(run, tmp_path / "first.zip")
    assert all(member.rows for member in first.members.values()), first.members
    rows, findings = exported(run), found(run)
    forget_everything()

    restored = restore_run(tmp_path / "first.zip", User.objects.get(username="ben"))
    second = archive_run(restored.run, tmp_path / "second.zip")
    assert second.members == first.members
    assert restored.run.samples.filter(text="NUL \0, mark \ufdd0 and \ufdd00000").count() == 1
    attempt = restored.run.attempts.order_by("pk").first()
    assert (attempt.trace, attempt.error) == ({"odd \0": ["half \udfff"]}, "half \ud800")
    assert second.fingerprint == first.fingerprint
    assert exported(restored.run) == rows
    assert found(restored.run) == findings
    assert restored.run.started_by.username == "ann"
    entry = AuditEntry.objects.filter(action="run_imported").get()
    assert (entry.who, entry.run) == ("ben", restored.run)


def test_a_long_run_is_written_in_small_pieces_while_it_is_read(monkeypatch):
    run = make_small_run(n=40, problems=2)
    noise = random.Random(1)
    attempt = run.attempts.first()
    for index in range(2, 40):
        make_sample(attempt, index, noise.randbytes(20_000).hex())
    monkeypatch.setattr(writing, "_AT_A_TIME", 2)
    made = Writing(run)
    with CaptureQueriesContext(connection) as queries:
        pieces = made.pieces()
        first = next(pieces)
        n_before = len(queries)
        sizes = [len(first), *map(len, pieces)]
    assert len(queries) > n_before + 10
    assert max(sizes) < 2**17
    assert sum(sizes) > 38 * 20_000
    assert made.manifest.members["samples.jsonl"].rows == 42
