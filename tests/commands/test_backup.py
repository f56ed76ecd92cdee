"""Backups taken while a worker writes hold what was committed, restore to the same rows, and their runs go on from there."""

import json
import subprocess
import sys
import zipfile
from collections import namedtuple
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from experiments.inference import keys
from experiments.management.backups import checking, data_files
from experiments.management.backups.elsewhere import pointed_at
from experiments.management.backups.errors import BackupError
from experiments.management.backups.manifest import MANIFEST, read_manifest
from experiments.management.backups.restoring import restore
from experiments.management.backups.sqlite_files import copy_database
from experiments.management.backups.taking import prune, take_backup
from experiments.models import Attempt, AuditEntry, Call, LoginLink, Run, Sample, Worker
from tests.factories import make_language_model, make_run, make_sample, make_user
from tests.runner.processes import WorkerProcess, read_requests, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="tests/grown/test_backup_postgres.py does the same there"),
]


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path) -> Path:
    settings.ASSAY_DATA_DIR = tmp_path / "data"
    settings.ASSAY_DATA_DIR.mkdir()
    return settings.ASSAY_DATA_DIR


@pytest.fixture
def elsewhere(tmp_path):
    """Another installation, with nothing in it but its tables."""
    copy_database(Path(connection.settings_dict["NAME"]), tmp_path / "elsewhere.sqlite3")
    with pointed_at(str(tmp_path / "elsewhere.sqlite3")):
        yield tmp_path / "elsewhere.sqlite3"


def rewritten(path: Path, target: Path, **changes: bytes) -> Path:
    """The backup with other content in some members, by name without its ending."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, changes.get(Path(name).stem, old.read(name)))
    return target


def test_a_backup_under_load_restores_and_its_run_goes_on_without_asking_again(tmp_path):
    script = make_language_model(answers=["Let me see. The answer is 3."], seconds_per_token=0.02, max_in_flight=8)
    run = make_run(n=8, problems=12, language_models=[script])
    with WorkerProcess(tmp_path / "before.jsonl"):
        wait_until(lambda: Sample.objects.count() >= 8)
        committed = set(Sample.objects.values_list("pk", flat=True))
        path, _ = take_backup(tmp_path / "backup.zip")
        n_at_the_end = Sample.objects.count()
        wait_until(lambda: Sample.objects.count() > n_at_the_end)
    assert path.stat().st_mode & 0o777 == 0o600
    checking.verify(path)

    with pointed_at(str(tmp_path / "fresh.sqlite3")):
        restored = restore(path)
        run.refresh_from_db()
        kept = set(Sample.objects.values_list("pk", flat=True))
        assert committed <= kept
        assert run.n_samples == len(kept) == run.samples.count()
        assert run.n_graded == run.grades.count()
        assert run.n_attempts_done == run.attempts.filter(state="done").count()
        assert (run.state, restored.n_runs_paused) == (Run.State.PAUSED, 1)
        assert "Restored from the backup" in run.reason
        assert not Worker.objects.filter(stopped_at=None).exists()
        assert not Attempt.objects.filter(state=Attempt.State.RUNNING).exists()

        journal = {(str(a), h, o) for a, h, o in Sample.objects.values_list("attempt", "request_hash", "occurrence")}
        run.resume()
        with WorkerProcess(tmp_path / "after.jsonl", "--until-idle") as worker:
            assert worker.process.wait(60) == 0
        run.refresh_from_db()
        assert (run.state, run.n_samples) == (Run.State.COMPLETED, 8 * 12)
        asked = {(each["attempt"], each["request_hash"], each["occurrence"]) for each in read_requests(tmp_path / "after.jsonl")}
        assert asked
        assert not asked & journal


def test_calls_under_way_are_booked_as_lost_and_links_are_closed(tmp_path):
    run = make_run(problems=1)
    worker = Worker.objects.create(host="elsewhere", pid=1, process_started=0)
    attempt = run.attempts.get()
    Call.objects.create(
        key="k", run=run, attempt=attempt, worker=worker, occurrence=0, try_number=1, state="sent",
        sent_at=timezone.now(), most_cost=0.25,
    )  # fmt: skip
    secret = LoginLink.objects.issue(make_user())
    path, _ = take_backup(tmp_path / "backup.zip")
    with pointed_at(str(tmp_path / "fresh.sqlite3")):
        assert restore(path).n_calls_lost == 1
        assert (Call.objects.get().state, Call.objects.get().cost) == ("lost", 0.25)
        run.refresh_from_db()
        assert run.cost == 0.25
        assert LoginLink.objects.redeem(secret) is None
        assert AuditEntry.objects.first().action == AuditEntry.Action.RESTORED
    assert LoginLink.objects.redeem(secret), "the installation it was taken from is as it was"


def test_the_secret_and_the_stored_keys_come_along(tmp_path, settings, data_dir, monkeypatch):
    monkeypatch.delenv("ASSAY_SECRET_KEY", raising=False)
    (data_dir / "secret_key").write_text("old secret")
    settings.SECRET_KEY = "old secret"
    keys.store("lab", "sk-123", "https://api.example.com/v1")
    path, _ = take_backup(tmp_path / "backup.zip")
    assert b"sk-123" not in path.read_bytes()

    settings.ASSAY_DATA_DIR = tmp_path / "new"
    settings.ASSAY_DATA_DIR.mkdir()
    (settings.ASSAY_DATA_DIR / "secret_key").write_text("made at the start")
    settings.SECRET_KEY = "made at the start"
    with pointed_at(str(tmp_path / "fresh.sqlite3")):
        restore(path)
    assert keys.stored_key("lab", "https://api.example.com/v1") == "sk-123"
    assert (settings.ASSAY_DATA_DIR / "keys" / "lab.key").stat().st_mode & 0o777 == 0o600

    (settings.ASSAY_DATA_DIR / "keys" / "lab.key").write_bytes(b"another")
    with pointed_at(str(tmp_path / "fresher.sqlite3")), pytest.raises(BackupError, match=r"another keys/lab.key"):
        restore(path)


def test_what_is_here_is_only_replaced_when_told_and_is_backed_up_first(tmp_path, data_dir, elsewhere):
    make_run(problems=1)
    path, _ = take_backup(tmp_path / "backup.zip")
    Run.objects.all().delete()
    make_run(problems=2)
    with pytest.raises(BackupError, match="--replace"):
        restore(path)
    assert Run.objects.get().n_attempts == 2
    restored = restore(path, replace=True)
    assert Run.objects.get().n_attempts == 1
    assert restored.safety.parent == data_dir / "backups"
    restore(restored.safety, replace=True)
    assert Run.objects.get().n_attempts == 2


def test_an_older_schema_is_brought_forward_and_a_newer_one_refused(tmp_path, elsewhere):
    graph = MigrationLoader(None).graph
    (newest,) = graph.leaf_nodes("experiments")
    (before,) = [node.key for node in graph.node_map[newest].parents if node.key[0] == "experiments"]
    call_command("migrate", *before, verbosity=0)
    path, manifest = take_backup(tmp_path / "old.zip")
    assert ".".join(before) in manifest.migrations
    assert ".".join(newest) not in manifest.migrations
    with pointed_at(str(tmp_path / "newest.sqlite3")):
        restore(path)
        assert AuditEntry.objects.first().about_label == "old.zip"
        assert newest in MigrationLoader(connection).applied_migrations

    told = json.loads(zipfile.ZipFile(path).read(MANIFEST))
    told["migrations"].append("experiments.9999_from_the_future")
    newer = rewritten(path, tmp_path / "newer.zip", manifest=json.dumps(told).encode())
    with pointed_at(str(tmp_path / "none.sqlite3")), pytest.raises(BackupError, match=r"newer Assay.*9999_from_the_future"):
        restore(newer)


def test_damage_is_found_before_anything_is_touched(tmp_path, elsewhere):
    sample = make_sample(make_run(problems=1).attempts.get())
    path, _ = take_backup(tmp_path / "backup.zip")
    before = elsewhere.read_bytes()

    other = rewritten(path, tmp_path / "other.zip", database=b"SQLite format 3\0 but no more")
    with pytest.raises(BackupError, match=r"database.sqlite3 is not what was stored"):
        restore(other, replace=True)
    (tmp_path / "half.zip").write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(BackupError, match="not a whole backup"):
        restore(tmp_path / "half.zip", replace=True)
    with pytest.raises(BackupError, match="There is no file"):
        restore(tmp_path / "none.zip")
    # Hashes agree here, so only the comparison row by row can tell.
    told = json.loads(zipfile.ZipFile(path).read(MANIFEST))
    told["tables"][Sample._meta.db_table]["checksum"] = "1"
    forged = rewritten(path, tmp_path / "forged.zip", manifest=json.dumps(told).encode())
    with pytest.raises(BackupError, match="the 1 rows of experiments_sample are not those"):
        restore(forged, replace=True)
    told["kind"] = "postgresql"
    foreign = rewritten(path, tmp_path / "foreign.zip", manifest=json.dumps(told).encode())
    with pytest.raises(BackupError, match=r"backup of PostgreSQL.*archive"):
        restore(foreign, replace=True)
    assert elsewhere.read_bytes() == before
    assert Sample.objects.get().text == sample.text
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_it_refuses_while_another_process_has_the_database_open(tmp_path, elsewhere):
    make_run(problems=1)
    path, _ = take_backup(tmp_path / "backup.zip")
    program = f"import sqlite3; open_ = sqlite3.connect({str(elsewhere)!r}); open_.execute('SELECT 1 FROM django_migrations'); "
    command = [sys.executable, "-c", program + "print('open', flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(BackupError, match=f"process {other.pid} .*--force"):
            restore(path, replace=True)
        other.stdin.write(b"\n")
    restore(path, replace=True)


def test_a_full_disk_is_told_before_writing(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(10**9, 10**9, 0))
    with pytest.raises(BackupError, match="0 MB free, and the backup may need"):
        take_backup(tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def test_the_command_names_by_time_prunes_and_refuses_to_overwrite(tmp_path, data_dir):
    folder = data_dir / "backups"
    out = StringIO()
    for _ in range(3):
        call_command("backup", "--keep", "2", stdout=out)
    found = sorted(folder.iterdir())
    assert len(found) == 2
    assert out.getvalue().count("Deleted") == 1
    assert str(found[-1]) in out.getvalue()
    assert AuditEntry.objects.filter(action="backed_up").count() == 3
    (folder / "notes.zip").write_text("not ours")
    assert prune(folder, 1) == found[:1]
    assert (folder / "notes.zip").exists()
    with pytest.raises(CommandError, match=r"exists. Name another"):
        call_command("backup", str(found[-1]))
    with pytest.raises(CommandError, match="Keep at least 1"):
        call_command("backup", "--keep", "0")


def test_models_are_named_and_with_a_flag_held(tmp_path, data_dir):
    (data_dir / "models").mkdir()
    (data_dir / "models" / "own.gguf").write_bytes(b"weights")
    _, slim = take_backup(tmp_path / "slim.zip")
    path, whole = take_backup(tmp_path / "whole.zip", with_models=True)
    assert {model.path for model in slim.models} >= {"own.gguf"}
    assert [each.path for each in slim.files] == []
    assert [each.path for each in whole.files] == ["models/own.gguf"]
    (data_dir / "models" / "own.gguf").unlink()
    assert [model.path for model in data_files.missing_models(slim.models)] == ["own.gguf"]
    with pointed_at(str(tmp_path / "fresh.sqlite3")):
        assert restore(path).missing_models == []
    assert read_manifest(path).kind == connection.vendor
