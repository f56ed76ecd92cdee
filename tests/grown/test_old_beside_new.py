"""During an update a worker of the last release and one of this one work on the same run, on the newest schema."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.db import connection

from experiments.models import Run, Worker
from tests.factories import make_language_model, make_run
from tests.runner.processes import ROOT, WorkerProcess, environment, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the last release ran on SQLite only"),
]

#: The last release's code, whose newest migration tests/models/test_migrations_beside_old_code.py names.
LAST_RELEASE = "be6cabf"


@pytest.fixture(scope="module")
def old_code(tmp_path_factory) -> Path:
    """A checkout of the last release."""
    folder = tmp_path_factory.mktemp("old")
    packed = folder / "old.tar"
    with packed.open("wb") as out:
        made = subprocess.run(["git", "-C", ROOT, "archive", LAST_RELEASE], stdout=out, stderr=subprocess.PIPE, text=True)
    if made.returncode and not os.environ.get("CI"):
        pytest.skip(f"the last release's code is not in this copy of the repository: {made.stderr}")
    assert made.returncode == 0, made.stderr
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_old_and_new_workers_do_a_run_together_and_the_old_code_can_read_it(old_code, tmp_path):
    script = make_language_model(answers=["The answer is 3.", "The answer is 4."], seconds_per_token=0.05, max_in_flight=4)
    old = WorkerProcess(tmp_path / "old.jsonl", at=old_code)
    new = WorkerProcess(tmp_path / "new.jsonl")
    with old, new:
        wait_until(lambda: Worker.objects.count() == 2, seconds=60)
        run = make_run(n=2, problems=60, language_models=[script])
        wait_until(lambda: Run.objects.get(pk=run.pk).is_finished, seconds=120)
        assert (old.process.poll(), new.process.poll()) == (None, None)
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    assert (run.n_attempts_done, run.n_samples, run.n_graded, run.n_attempts_failed) == (60, 120, 120, 0)
    assert run.samples.count() == run.grades.count() == 120
    assert set(run.attempts.values_list("worker", flat=True)) == set(Worker.objects.values_list("pk", flat=True))
    assert all(attempt.tries == 1 for attempt in run.attempts.all())

    command = [sys.executable, "manage.py", "export_run", str(run.pk), "--format", "jsonl", "--output", "-"]
    read = subprocess.run(command, cwd=old_code, env=environment(), capture_output=True, text=True, timeout=120)
    assert read.returncode == 0, read.stderr
    assert len(read.stdout.splitlines()) == 120
