"""What a process says that cannot start its work: one sentence, what to do, no traceback, no password."""

import os
import sqlite3
import subprocess
import sys
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from experiments.management import starting
from tests.runner.processes import wait_until
from tests.site import ROOT
from webapp import environment
from webapp.databases import database, is_elsewhere
from webapp.refusing import WRONG_SETTING


def manage(*arguments: str, **told: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, timeout=120)


def test_a_wrong_setting_ends_the_process_with_one_sentence(tmp_path):
    ended = manage("worker", DATABASE_URL="mysql://lab:geheim@db/assay", ASSAY_DATA_DIR=str(tmp_path))
    assert ended.returncode == WRONG_SETTING
    (line,) = ended.stderr.splitlines()
    assert line.startswith("Assay cannot start. DATABASE_URL begins with 'mysql', which is no database Assay knows.")
    assert "geheim" not in line


@pytest.mark.parametrize(
    "url", ["postgres://lab:ge/heim@db/assay", "postgres://lab:geheim@[db/assay", "postgres://lab:geheim@db"]
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refused:
        database(url, tmp_path / "test", 4)
    assert "heim" not in str(refused.value)
    assert not is_elsewhere(url) or "db" in url


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ASSAY_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(ImproperlyConfigured, match=r"The data folder .*/file/data cannot be made: Not a directory\. Let this"):
        environment.folder("ASSAY_DATA_DIR", tmp_path)


def test_a_second_host_does_not_make_up_a_secret_of_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("ASSAY_SECRET_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"ASSAY_SECRET_KEY is not set .* share this secret: set it to the other"):
        environment.secret("ASSAY_SECRET_KEY", tmp_path / "key", is_shared=True)
    alone = environment.secret("ASSAY_SECRET_KEY", tmp_path / "key", is_shared=False)
    assert environment.secret("ASSAY_SECRET_KEY", tmp_path / "key", is_shared=True) == alone, "it was copied there"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_a_full_disk_cut_off_is_no_secret(tmp_path, monkeypatch):
    monkeypatch.delenv("ASSAY_SECRET_KEY", raising=False)
    (tmp_path / "key").touch()
    with pytest.raises(ImproperlyConfigured, match="is empty: the disk was full"):
        environment.secret("ASSAY_SECRET_KEY", tmp_path / "key", is_shared=False)


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_waited_for_and_said_once(monkeypatch, caplog):
    monkeypatch.setattr(starting, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(starting, "SMALLEST_FREE_MB", 1e12)
    waiting = threading.Thread(target=starting.wait_until_ready, kwargs={"migrates": True}, daemon=True)
    waiting.start()
    wait_until(lambda: "is full" in caplog.text)
    assert waiting.is_alive()
    monkeypatch.setattr(starting, "SMALLEST_FREE_MB", 0)
    waiting.join(30)
    assert not waiting.is_alive()
    (problem, relief) = [record.getMessage() for record in caplog.records if record.name == starting.__name__]
    assert problem.startswith("The disk with the data folder ")
    assert problem.endswith("MB are free. Make room there. Until then this process waits.")
    assert relief == "That is mended; this process goes on."


@pytest.fixture
def old_file(tmp_path, transactional_db):
    """A SQLite database that does not know its last migration, and the number of that migration."""
    if connection.vendor != "sqlite":
        pytest.skip("tests/grown does it with PostgreSQL")
    file = tmp_path / "assay.sqlite3"
    with sqlite3.connect(connection.settings_dict["NAME"]) as whole, sqlite3.connect(file) as copy:
        whole.backup(copy)
        last = copy.execute("SELECT id, app, name, applied FROM django_migrations WHERE app = 'experiments'").fetchall()[-1]
        copy.execute("DELETE FROM django_migrations WHERE id = ?", last[:1])
    return file, last


def test_a_worker_waits_for_its_tables(old_file, tmp_path):
    file, last = old_file
    told = {**os.environ, "ASSAY_DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{file}"}
    command = [sys.executable, "manage.py", "worker", "--until-idle"]
    with subprocess.Popen(command, cwd=ROOT, env=told, stderr=subprocess.PIPE, text=True) as worker:
        said = [worker.stderr.readline()]
        with sqlite3.connect(file) as database:
            database.execute("INSERT INTO django_migrations VALUES (?, ?, ?, ?)", last)
        said += worker.stderr.readlines()
    assert worker.returncode == 0
    assert f"The database file {file} lacks tables of this version of Assay. Run “manage.py migrate”" in said[0]
    assert "That is mended; this process goes on." in said[1]
    assert "Traceback" not in "".join(said)


@pytest.mark.django_db(transaction=True)
def test_tables_of_a_newer_version_are_no_obstacle(caplog):
    recorder = MigrationRecorder(connection)
    recorder.record_applied("experiments", "9999_from_the_future")
    try:
        starting.wait_until_ready()
    finally:
        recorder.record_unapplied("experiments", "9999_from_the_future")
    assert "A newer version of Assay made the tables (9999_from_the_future)." in caplog.text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('FATAL:  password authentication failed for user "lab"', "user or password in DATABASE_URL is wrong"),
        ("database or disk is full", "the disk is full. Make room there."),
        ("no such table: experiments_run", "Run “manage.py migrate”."),
        ("something new", "cannot be used (something new). See that it runs"),
    ],
)
def test_what_a_database_says_is_put_into_words(said, sentence):
    assert sentence in starting.sentence(OperationalError(said))
