"""`manage.py archive_run` and `restore_run`: a run to a file, out of the database, and back."""

import zipfile

import pytest
from django.core.management import CommandError, call_command

from experiments.domain.errors import InvalidInput
from experiments.models import AuditEntry, Experiment, Grade, Run, Sample, Spending, Team, VerifierScore, clock
from experiments.models.calls import day_of
from experiments.runner.archives.removing import remove_archived
from experiments.runner.archives.writing import archive_run
from tests.factories import make_run, make_user
from tests.runner.archived import AT, make_small_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.zip"


def test_a_run_leaves_the_database_and_comes_back(path, capsys):
    run, other, user = make_small_run(), make_small_run(), make_user(name="ann")
    call_command("archive_run", run.pk, path, remove=True)
    said = capsys.readouterr().err
    assert f"Wrote {path}" in said
    assert "with 4 samples" in said
    assert f"Read {path} back and deleted run {run.pk}." in said
    assert list(Run.objects.all()) == [other]
    assert Sample.objects.count() == Grade.objects.count() == VerifierScore.objects.count() == 4
    told = AuditEntry.objects.exclude(action="run_started").order_by("pk")
    assert list(told.values_list("action", "about_label")) == [("exported", str(run)), ("deleted", str(run))]

    call_command("restore_run", path, user="ann")
    restored = Run.objects.exclude(pk=other.pk).get()
    assert f"{path} is run {restored.pk}, completed, with 4 answers." in capsys.readouterr().out
    assert restored.samples.count() == 4
    assert AuditEntry.objects.get(action="run_imported").user == user
    with pytest.raises(CommandError, match=f"it is run {restored.pk}"):
        call_command("restore_run", path)
    call_command("restore_run", path, again=True)
    assert Run.objects.count() == 3


def test_a_run_stays_where_its_file_is_not_what_was_written(path):
    run = make_small_run()
    archive_run(run, path)
    content = bytearray(path.read_bytes())
    content[zipfile.ZipFile(path).getinfo("samples.jsonl").header_offset + 100] ^= 255
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        remove_archived(run, path)
    assert run.samples.count() == 4


def test_a_run_stays_where_the_file_is_of_another_run_or_older_than_its_samples(path):
    run, other = make_small_run(), make_small_run()
    archive_run(other, path)
    with pytest.raises(InvalidInput, match="is not the archive of run"):
        remove_archived(run, path)
    archive_run(run, path)
    run.samples.order_by("pk").last().delete()
    with pytest.raises(InvalidInput, match="has changed since"):
        remove_archived(run, path)
    assert run.samples.count() == 3


def test_a_run_stays_whose_answers_others_copied(path):
    run, other = make_small_run(), make_small_run()
    other.samples.filter(index=0).update(reused_from=run.samples.first())
    with pytest.raises(CommandError, match="Other runs hold copies"):
        call_command("archive_run", run.pk, path, remove=True)
    assert not path.exists()


def test_a_run_stays_while_the_caps_of_today_count_it(path):
    run = make_small_run()
    Spending.objects.book(run.pk, day_of(clock.now()), 1.5, 0)
    with pytest.raises(CommandError, match="Remove it tomorrow"):
        call_command("archive_run", run.pk, path, remove=True)
    team = Team.objects.create(name="readers")
    Experiment.objects.filter(pk=run.experiment_id).update(team=team)
    Spending.objects.update(day=day_of(clock.now()).replace(day=1))
    if day_of(clock.now()).day > 1:
        with pytest.raises(CommandError, match="Remove it next month"):
            call_command("archive_run", run.pk, path, remove=True)
    Spending.objects.update(day=day_of(AT))
    call_command("archive_run", run.pk, path, remove=True)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("archive_run", [10**9, "run.zip"], "There is no run 1000000000"),
        ("archive_run", [None, "/"], "is not a file"),
        ("archive_run", [None, "/nowhere/run.zip"], "Cannot write /nowhere/run.zip: No such file or directory"),
        ("restore_run", ["/nowhere/run.zip"], "There is no file /nowhere/run.zip"),
        ("restore_run", ["/etc/passwd", "--user", "nobody"], "Nobody here is called “nobody”"),
        ("restore_run", ["/etc/passwd"], "not an archive of a run"),
    ],
)
def test_what_cannot_be_done_is_said(command, arguments, said):
    run = make_small_run()
    with pytest.raises(CommandError, match=said):
        call_command(command, *[run.pk if each is None else each for each in arguments])


def test_a_running_run_is_refused_with_what_to_do(path):
    with pytest.raises(CommandError, match="Pause it, or wait until it has ended"):
        call_command("archive_run", make_run().pk, path)
