"""A run's archive moves it from SQLite to PostgreSQL and back, and is the same file everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.processes import ROOT

# As the tests' factories make it, with something in every member.
NEW_LAB = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.runner.archived import make_full_run
print(make_full_run().pk)
"""
OTHER_LAB = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import make_user
make_user(name="ann"), make_user(name="ben")
"""
RESTORE = """
import json, csv, io
from pathlib import Path
from experiments.runner.archives.restoring import restore_run
from experiments.runner.archives.writing import archive_run
from experiments.models import User
from tests.runner.test_archives import exported, found
run = {run}
if {restores}:
    run = restore_run(Path({came!r}), User.objects.get(username="ben")).run
else:
    from experiments.models import Run
    run = Run.objects.get(pk=run)
manifest = archive_run(run, Path({goes!r}))
told = {{name: [member.rows, member.sha256] for name, member in manifest.members.items()}}
print("RESULT", json.dumps([manifest.fingerprint, told, exported(run), found(run)], default=str))
"""


class Lab:
    """An installation with a database of its own."""

    def __init__(self, folder: Path, url: str = ""):
        folder.mkdir()
        self._environment = {**os.environ, "DATABASE_URL": url, "ASSAY_DATA_DIR": str(folder), "ASSAY_BROKER_URL": ""}

    def does(self, script: str) -> str:
        command = [sys.executable, "manage.py", "shell", "-v0", "-c", script]
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def passes_on(self, came: Path, goes: Path, run: int | None = None) -> list:
        """What the archive holds, the export and the findings of the run that came, or of one of its own."""
        script = RESTORE.format(run=run, restores=run is None, came=str(came), goes=str(goes))
        told = self.does(script).partition("RESULT ")[2]
        return json.loads(told)


@pytest.fixture
def labs(tmp_path, postgres) -> list[Lab]:
    places = [("first", ""), ("second", postgres.database_url("moved")), ("third", "")]
    return [Lab(tmp_path / name, url) for name, url in places]


def test_the_same_run_makes_the_same_archive_in_every_database(labs, tmp_path):
    first, second, third = labs
    run = int(first.does(NEW_LAB))
    for lab in (second, third):
        lab.does(OTHER_LAB)
    files = [tmp_path / f"{number}.zip" for number in range(4)]
    written = first.passes_on(files[0], files[1], run)
    assert second.passes_on(files[1], files[2]) == written
    assert third.passes_on(files[2], files[3]) == written
    members = written[1]
    assert all(rows for rows, _ in members.values()), members
