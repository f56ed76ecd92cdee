"""Backups of PostgreSQL by pg_dump while a worker writes: restored into a new database, compared, and gone on with there."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

from experiments.management.backups.manifest import read_manifest
from tests.runner.processes import ROOT, read_requests, wait_until

PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}

NEW_LAB = """
from django.core.management import call_command
from tests.factories import make_language_model, make_run
call_command("migrate", verbosity=0)
script = make_language_model(answers=["Let me see. The answer is 3."], seconds_per_token=0.05, max_in_flight=8)
make_run(n=8, problems=12, language_models=[script])
"""

# Started before the worker, so that the run is still going on when it is told to begin.
BACKUP_WHEN_TOLD = """
from django.core.management import call_command
print("ready", flush=True)
input()
call_command("backup", {path!r}, verify=True)
"""


class Lab:
    """One installation: a database and a data folder of its own, and its commands as processes."""

    def __init__(self, url: str, folder: Path):
        self.url = url
        folder.mkdir()
        self._environment = {**os.environ, "DATABASE_URL": url, "ASSAY_DATA_DIR": str(folder), "ASSAY_BROKER_URL": ""}

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        command = [sys.executable, "manage.py", *arguments]
        everything = {**self._environment, **environment}
        return subprocess.Popen(command, cwd=ROOT, env=everything, **PIPES)

    def manage(self, *arguments: str, fails: bool = False) -> str:
        process = self.start(*arguments)
        printed, _ = process.communicate(timeout=120)
        assert (process.returncode != 0) == fails, printed
        return printed

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def lab(postgres, tmp_path, request) -> Lab:
    return Lab(postgres.database_url(f"backed_up_{request.node.name[:12]}"), tmp_path / "lab")


def test_a_backup_under_load_restores_and_its_run_goes_on_without_asking_again(lab, postgres, tmp_path):
    lab.manage("shell", "-v0", "-c", NEW_LAB)
    path = tmp_path / "backup.zip"
    backup = lab.start("shell", "-v0", "-c", BACKUP_WHEN_TOLD.format(path=str(path)))
    assert backup.stdout.readline() == "ready\n"
    worker = lab.start("worker", ASSAY_REQUEST_LOG=str(tmp_path / "before.jsonl"))
    count = "SELECT count(*) FROM experiments_sample"
    wait_until(lambda: lab.ask(count)[0][0] >= 8)
    committed = set(lab.ask("SELECT id FROM experiments_sample"))
    assert "restored and compared" in backup.communicate("\n", timeout=120)[0]
    manifest = read_manifest(path)
    assert manifest.kind == "postgresql"
    assert path.stat().st_mode & 0o777 == 0o600
    wait_until(lambda: lab.ask(count)[0][0] > manifest.tables["experiments_sample"].rows)

    refused = lab.manage("restore", str(path), "--replace", fails=True)
    assert "Assay is running on this database: assay worker from 127.0.0.1" in refused
    worker.kill()
    worker.wait()

    other = Lab(postgres.database_url("restored"), tmp_path / "other")
    printed = other.manage("restore", str(path))
    assert "paused until somebody resumes them: 1." in printed
    kept = set(other.ask("SELECT id FROM experiments_sample"))
    assert committed <= kept
    assert manifest.tables["experiments_sample"].rows == len(kept)
    counters = "SELECT state, n_samples, n_graded, n_attempts_done FROM experiments_run"
    n_done = other.ask("SELECT count(*) FROM experiments_attempt WHERE state = 'done'")[0][0]
    n_grades = other.ask("SELECT count(*) FROM experiments_grade")[0][0]
    assert other.ask(counters) == [("paused", len(kept), n_grades, n_done)]
    assert other.ask("SELECT count(*) FROM experiments_attempt WHERE state = 'running'") == [(0,)]
    assert other.ask("SELECT count(*) FROM experiments_worker WHERE stopped_at IS NULL") == [(0,)]

    journal = set(other.ask("SELECT attempt_id::text, request_hash, occurrence FROM experiments_sample"))
    assert other.ask("UPDATE experiments_run SET state = 'running' WHERE state = 'paused' RETURNING 1") == [(1,)]
    log = tmp_path / "after.jsonl"
    last = other.start("worker", "--until-idle", ASSAY_REQUEST_LOG=str(log))
    assert last.communicate(timeout=120) is not None
    assert other.ask("SELECT state, n_samples FROM experiments_run") == [("completed", 8 * 12)]
    asked = {(each["attempt"], each["request_hash"], each["occurrence"]) for each in read_requests(log)}
    assert asked
    assert not asked & journal


def test_it_takes_the_place_of_what_is_there_or_says_why_it_cannot(lab, tmp_path):
    lab.manage("migrate", "-v0")
    path = tmp_path / "backup.zip"
    lab.manage("backup", str(path))
    lab.ask("INSERT INTO experiments_tag (name) VALUES ('later') RETURNING 1")
    assert "What was here is in" in lab.manage("restore", str(path), "--replace")
    assert lab.ask("SELECT count(*) FROM experiments_tag") == [(0,)]
    (safety,) = (tmp_path / "lab" / "backups").iterdir()
    assert read_manifest(safety).tables["experiments_tag"].rows == 1
    assert not [name for (name,) in lab.ask("SELECT datname FROM pg_database") if "restoring" in name]

    # One that is not what it says leaves no database behind.
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(members["manifest.json"])
    told["tables"]["django_migrations"]["checksum"] = "1"
    members["manifest.json"] = json.dumps(told).encode()
    with zipfile.ZipFile(tmp_path / "forged.zip", "w") as forged:
        for name, content in members.items():
            forged.writestr(name, content)
    assert "rows of django_migrations are not those" in lab.manage(
        "restore", str(tmp_path / "forged.zip"), "--replace", fails=True
    )
    assert not [name for (name,) in lab.ask("SELECT datname FROM pg_database") if "restoring" in name]

    with psycopg.connect(lab.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO plain")
    plain = Lab(lab.url.replace("postgres@", "plain@"), tmp_path / "plain")
    assert 'ALTER ROLE "plain" CREATEDB' in plain.manage("restore", str(path), "--replace", fails=True)


def test_the_password_is_never_an_argument(postgres, tmp_path, monkeypatch):
    """pg_dump is stood in for by a program that writes down how it was called."""
    notes = tmp_path / "notes"
    fake = tmp_path / "bin" / "pg_dump"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> {notes}\necho "password $PGPASSWORD" >> {notes}\necho "pg_dump (PostgreSQL) 99.1"\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    lab = Lab(postgres.database_url("secretive").replace("postgres@", "postgres:hush-hush@"), tmp_path / "lab")
    lab.manage("backup", str(tmp_path / "backup.zip"), fails=True)
    arguments, *_ = [line for line in notes.read_text().splitlines() if "--snapshot" in line]
    assert "hush-hush" not in arguments
    assert "password hush-hush" in notes.read_text()
