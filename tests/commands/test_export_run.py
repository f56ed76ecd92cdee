"""`manage.py export_run`: the same bytes as everywhere, whole or not at all, with a manifest beside them."""

import hashlib
import io
import json

import pytest
from django.core.management import CommandError, call_command

from experiments.management.commands.export_run import write_whole
from experiments.reports.export_formats import export
from experiments.reports.manifest import manifest
from tests.factories import make_run, make_sample


@pytest.fixture
def run(db):
    run = make_run()
    make_sample(run.attempts.first(), text="=1+1\né")
    return run


@pytest.mark.parametrize(("format", "bom"), [("csv", False), ("csv", True), ("jsonl", False)])
def test_the_file_holds_the_export_and_the_manifest_its_hash(run, tmp_path, format, bom):
    target = tmp_path / f"run.{format}"
    call_command("export_run", run.pk, format=format, output=str(target), bom=bom)
    expected = b"".join(export(run, format, bom=bom))
    assert target.read_bytes() == expected
    written = json.loads((tmp_path / f"run.{format}.manifest.json").read_text())
    assert written.pop("file") == {
        "name": target.name,
        "format": format,
        "bytes": len(expected),
        "sha256": hashlib.sha256(expected).hexdigest(),
    }
    assert written == manifest(run)
    assert sorted(path.name for path in tmp_path.iterdir()) == [target.name, f"{target.name}.manifest.json"]


def test_a_dash_is_standard_output(run):
    out = io.TextIOWrapper(io.BytesIO())
    call_command("export_run", run.pk, output="-", stdout=out)
    assert out.buffer.getvalue() == b"".join(export(run, "csv"))


def test_an_unknown_run_is_named_together_with_the_newest(run, tmp_path):
    with pytest.raises(CommandError, match=f"There is no run {run.pk + 1}. The newest is run {run.pk}"):
        call_command("export_run", run.pk + 1, output=str(tmp_path / "x.csv"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused(run, tmp_path):
    with pytest.raises(CommandError, match="is not a file"):
        call_command("export_run", run.pk, output=str(tmp_path))


def test_a_missing_folder_is_named_in_the_message(run, tmp_path):
    with pytest.raises(CommandError, match=r"Cannot write .*/nowhere/x.csv: No such file or directory"):
        call_command("export_run", run.pk, output=str(tmp_path / "nowhere" / "x.csv"))


def test_a_write_that_breaks_off_leaves_the_older_file_and_nothing_else(tmp_path):
    target = tmp_path / "run.csv"
    target.write_bytes(b"older")

    def pieces():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_whole(target, pieces())
    assert target.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [target]
