"""Whatever somebody hands in as an archive, nothing is stored of it unless all of it is right, and the error says where."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from experiments.domain.errors import InvalidInput
from experiments.models import Dataset, Experiment, Run
from experiments.runner.archives import reading
from experiments.runner.archives.restoring import restore_run
from experiments.runner.archives.writing import archive_run
from tests.runner.archived import forget_everything, make_small_run

pytestmark = pytest.mark.django_db


class Forged:
    """An archive's members, to be changed and packed again, with a manifest that agrees unless told otherwise."""

    def __init__(self, path: Path):
        with zipfile.ZipFile(path) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        self.manifest = json.loads(self.members.pop("manifest.json"))

    def change(self, member: str, line: int, **cells) -> None:
        lines = self.members[member].splitlines()
        lines[line - 1] = json.dumps({**json.loads(lines[line - 1]), **cells}).encode()
        self.members[member] = b"".join(each + b"\n" for each in lines)

    def put(self, member: str, line: int, text: bytes) -> None:
        lines = self.members[member].splitlines()
        lines[line - 1] = text
        self.members[member] = b"".join(each + b"\n" for each in lines)

    def pack(self, path: Path, *, agrees: bool = True, manifest: bytes | None = None) -> Path:
        if agrees:
            for name, content in self.members.items():
                said = {"rows": content.count(b"\n"), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                self.manifest["members"][name] = said
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.members.items():
                archive.writestr(name, content)
            archive.writestr("manifest.json", json.dumps(self.manifest).encode() if manifest is None else manifest)
        return path


@pytest.fixture
def path(tmp_path) -> Path:
    """The archive of a run that is not here any more."""
    archive_run(make_small_run(), tmp_path / "run.zip")
    forget_everything()
    return tmp_path / "run.zip"


@pytest.fixture
def forged(path) -> Forged:
    return Forged(path)


def refused(path: Path) -> str:
    """Why; nothing may have been stored."""
    with pytest.raises(InvalidInput) as caught:
        restore_run(path, None)
    assert [model.objects.count() for model in (Run, Experiment, Dataset)] == [0, 0, 0]
    return str(caught.value)


def test_forging_nothing_is_fine(path, forged):
    assert restore_run(forged.pack(path), None).run.n_samples == 4


@pytest.mark.parametrize(
    ("member", "line", "cells", "words"),
    [
        ("samples.jsonl", 3, {"text": "\0"}, "text holds a NUL character, which no database stores"),
        ("samples.jsonl", 3, {"text": "\ud800"}, "text holds half of a surrogate pair, which no database stores"),
        ("samples.jsonl", 2, {"text": ["a"]}, "text is not text"),
        ("samples.jsonl", 2, {"prompt_tokens": 10**30}, "prompt_tokens is not from 0 to 2147483647"),
        ("samples.jsonl", 2, {"prompt_tokens": True}, "prompt_tokens is not a whole number"),
        ("samples.jsonl", 2, {"seed": 1.5}, "seed is not a whole number"),
        ("samples.jsonl", 2, {"cost": "1"}, "cost is not a number"),
        ("samples.jsonl", 2, {"cost": 10**400}, "cost is too large a number"),
        ("samples.jsonl", 2, {"measures": []}, "measures is not an object"),
        ("samples.jsonl", 2, {"measures": {"a": {"b\0": 1}}}, "measures holds a NUL character, which no database stores"),
        ("samples.jsonl", 2, {"logprobs": "%%%"}, "logprobs is not base64"),
        ("samples.jsonl", 2, {"created_at": "2026-01-01T00:00:00"}, "created_at is not a time with its zone"),
        ("samples.jsonl", 2, {"finish_reason": "bored"}, "finish_reason is none of failed, length, stop"),
        ("samples.jsonl", 2, {"request_hash": "a" * 33}, "request_hash is longer than 32 characters"),
        ("samples.jsonl", 2, {"attempt": 3}, "attempt is not from 1 to 2"),
        ("samples.jsonl", 2, {"attempt": None}, "attempt is not a whole number"),
        ("samples.jsonl", 2, {"parent": 2}, "parent is not from 1 to 1"),
        ("samples.jsonl", 2, {"id": 5}, "“id” is no column of it"),
        ("samples.jsonl", 2, {"occurrence": 0}, "it repeats another line, or breaks a rule of the database"),
        ("grades.jsonl", 4, {"score": 1.5}, "it repeats another line, or breaks a rule of the database"),
        ("attempts.jsonl", 2, {"position": 0}, "it repeats another line, or breaks a rule of the database"),
        ("attempts.jsonl", 1, {"chosen": 5}, "chosen is not from 1 to 4"),
        ("conditions.jsonl", 1, {"language_model": "another"}, "it is not what the run's config says of this condition"),
        ("run.jsonl", 1, {"tags": "word"}, "tags is not a list"),
        ("run.jsonl", 1, {"config": {}}, "config: experiment field required"),
        ("run.jsonl", 1, {"state": "asleep"}, "state is none of"),
    ],
)
def test_a_wrong_value_is_named_with_its_member_and_line(path, forged, member, line, cells, words):
    forged.change(member, line, **cells)
    assert f"{member}, line {line}: {words}" in refused(forged.pack(path))


@pytest.mark.parametrize(
    "text", [b"{", b'{"text": 1e999}', b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"seed": ' + b"9" * 5000 + b"}", b'{"score": NaN}']
)
def test_a_line_that_is_no_object_is_named(path, forged, text):
    forged.put("samples.jsonl", 4, text)
    assert refused(forged.pack(path)).startswith("samples.jsonl, line 4: ")


def test_a_number_in_json_that_no_database_keeps_is_refused(path, forged):
    line = forged.members["samples.jsonl"].splitlines()[0].replace(b'"measures":{}', b'"measures":{"a":1e999}')
    forged.put("samples.jsonl", 1, line)
    assert "samples.jsonl, line 1: measures holds a number that is too large" in refused(forged.pack(path))


def test_a_member_that_is_not_what_the_manifest_says_is_refused(path, forged):
    forged.change("grades.jsonl", 1, explanation="Changed")
    assert "grades.jsonl is not what the manifest says" in refused(forged.pack(path, agrees=False))


def test_a_member_that_lacks_its_last_line_is_refused(path, forged):
    forged.members["samples.jsonl"] = b"".join(forged.members["samples.jsonl"].splitlines(keepends=True)[:-1])
    assert "samples.jsonl is not what the manifest says" in refused(forged.pack(path, agrees=False))


def test_a_changed_plan_does_not_pass_for_the_run(path, forged):
    run = json.loads(forged.members["run.jsonl"])
    forged.change("run.jsonl", 1, config={**run["config"], "repeats": 2})
    assert "fingerprint is not that of its run" in refused(forged.pack(path))


def test_two_first_lines_are_refused(path, forged):
    forged.members["dataset.jsonl"] *= 2
    assert "dataset.jsonl holds 2 lines and must hold one" in refused(forged.pack(path))


def test_problems_that_are_not_all_there_are_refused_where_an_attempt_misses_them(path, forged):
    forged.members["problems.jsonl"] = forged.members["problems.jsonl"].splitlines(keepends=True)[0]
    assert "attempts.jsonl, line 2: problem is not from 1 to 1" in refused(forged.pack(path))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "samples.jsonl/", "more.jsonl", "C:\\run.jsonl"])
def test_a_file_that_is_no_member_is_refused_by_its_name(path, forged, name):
    forged.members[name] = b"{}\n"
    assert f"holds “{name}”, which is no part of one" in refused(forged.pack(path))


def test_a_missing_member_is_named(path, forged):
    del forged.members["grades.jsonl"], forged.manifest["members"]["grades.jsonl"]
    assert refused(forged.pack(path)) == "The archive lacks grades.jsonl. Nothing was restored."


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(path, forged):
    forged.pack(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("samples.jsonl", b"")
    assert "two files of the same name" in refused(path)


def test_a_member_that_would_fill_the_disk_is_not_unpacked(path, forged):
    forged.members["notes.jsonl"] = b" " * 50_000_000
    assert "notes.jsonl would unpack to more than 400 times its size" in refused(forged.pack(path))


def test_an_archive_that_is_too_large_unpacked_is_refused(path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_CONTENT", 1000)
    assert "would unpack to" in refused(path)


def test_an_endless_line_is_refused(path, forged, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST_LINE", 100_000)
    forged.members["notes.jsonl"] = b" " * 200_000
    assert "notes.jsonl holds a line of more than 0 MB" in refused(forged.pack(path))


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{", b'{"format": "another"}', b"\xff"])
def test_a_manifest_that_is_none_is_refused(path, forged, manifest):
    assert "manifest.json" in refused(forged.pack(path, manifest=manifest))


def test_another_major_version_is_refused_with_what_to_use(path, forged):
    forged.manifest |= {"version": [2, 0], "assay": "3.1.4"}
    assert "of format 2.0, and this Assay reads format 1.0. It was made by Assay 3.1.4" in refused(forged.pack(path))


def test_what_a_newer_minor_version_adds_is_left_out_and_said(path, forged):
    forged.manifest["version"] = [1, 1]
    for line in (1, 2, 3, 4):
        forged.change("samples.jsonl", line, mood="calm")
    forged.members["moods.jsonl"] = b"{}\n"
    restored = restore_run(forged.pack(path), None)
    assert restored.run.samples.count() == 4
    assert restored.notes[:2] == [
        "“moods.jsonl” is of a newer Assay and was left out.",
        "samples.jsonl: the column “mood” is of a newer Assay and was left out.",
    ]


def test_an_older_minor_version_may_lack_what_has_a_default_since(path, forged, monkeypatch):
    monkeypatch.setattr(reading.manifest, "VERSION", (1, 1))
    for line in (1, 2, 3, 4):
        cells = json.loads(forged.members["samples.jsonl"].splitlines()[line - 1])
        del cells["measures"], cells["seed_sent"]
        forged.put("samples.jsonl", line, json.dumps(cells).encode())
    run = restore_run(forged.pack(path), None).run
    assert set(run.samples.values_list("seed_sent", flat=True)) == {None}
    assert [sample.measures for sample in run.samples.all()] == [{}] * 4


def test_this_minor_version_may_lack_nothing(path, forged):
    cells = json.loads(forged.members["samples.jsonl"].splitlines()[0])
    del cells["measures"]
    forged.put("samples.jsonl", 1, json.dumps(cells).encode())
    assert "samples.jsonl, line 1: the column “measures” is missing" in refused(forged.pack(path))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_what_is_no_zip_is_refused(tmp_path, content):
    (tmp_path / "run.zip").write_bytes(content)
    assert "not an archive of a run" in refused(tmp_path / "run.zip")


def test_a_file_that_was_torn_on_its_way_is_refused(path):
    content = path.read_bytes()
    middle = len(content) // 3
    path.write_bytes(content[:middle] + b"\0" * 200 + content[middle + 200 :])
    assert "the file was damaged" in refused(path)
