"""A run as the bytes of a zip, in pieces: however many samples there are, few of them are in memory."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet

from ...domain.errors import InvalidInput
from ...domain.zip_stream import ZipStream
from ...models import Attempt, Dataset, Run, User
from . import manifest
from .identity import fingerprint, portable_config
from .scope import Lines, Scope, check_at_rest
from .tables import TABLES, Table
from .values import writer

_AT_A_TIME = 500
_PIECE = 1 << 16


def archive_run(run: Run, path: Path) -> manifest.Manifest:
    """Write the file, all of it or nothing: an older one stays until the new one is on the disk. Raises InvalidInput."""
    writing = Writing(run)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as out:
            for piece in writing.pieces():
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return writing.manifest


class Writing:
    """One archive while it is made. `manifest` is known when all pieces were taken."""

    manifest: manifest.Manifest

    def __init__(self, run: Run):
        """Raises InvalidInput where the run is not at rest, or its dataset is gone."""
        check_at_rest(run)
        if not Dataset.objects.filter(pk=run.config["dataset"]["id"]).exists():
            raise InvalidInput(f"The dataset of run {run.pk} is gone, so the run cannot be put into a file.")
        self._run = run
        self._scope = Scope(run)
        self._lines: dict[str, Lines] = {}
        self._people = dict(User.objects.values_list("pk", "username"))
        self._config = portable_config(run.config)
        self._models = {each["key"]: each["language_model"] for each in self._config["conditions"]}

    def pieces(self) -> Iterator[bytes]:
        """The manifest comes last, for it holds the hashes of all the others."""
        stream = ZipStream()
        members = {}
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in TABLES:
                digest, n_rows, n_bytes = hashlib.sha256(), 0, 0
                with archive.open(self._entry(table.member), "w", force_zip64=True) as out:
                    for cells in self._rows(table):
                        # Columns by name; inside of them the order of keys is part of what was stored.
                        ordered = dict(sorted(cells.items()))
                        line = json.dumps(ordered, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
                        encoded = f"{line}\n".encode()
                        digest.update(encoded)
                        n_rows, n_bytes = n_rows + 1, n_bytes + len(encoded)
                        out.write(encoded)
                        if stream.size >= _PIECE:
                            yield stream.taken()
                members[table.member] = manifest.Member(rows=n_rows, bytes=n_bytes, sha256=digest.hexdigest())
            self.manifest = self._describe(members)
            about = json.dumps(self.manifest.model_dump(), indent=2, ensure_ascii=False)
            archive.writestr(self._entry(manifest.FILE), about)
        yield stream.taken()

    def _describe(self, members: dict[str, manifest.Member]) -> manifest.Manifest:
        run = self._run
        return manifest.Manifest(
            version=list(manifest.VERSION),
            assay=settings.SPECTACULAR_SETTINGS["VERSION"],
            run=manifest.ArchivedRun(number=run.pk, experiment=self._config["experiment"]["name"], state=run.state),
            fingerprint=fingerprint(self._config, run.seed, run.created_at),
            members=members,
            left_out=[
                f"The review set “{name}” holds texts of other runs too and was left where it is."
                for name in self._scope.mixed_review_sets
            ],
        )

    def _entry(self, name: str) -> zipfile.ZipInfo:
        """With the run's own time, so that the same run makes the same file."""
        at = self._run.finished_at or self._run.created_at
        entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry

    def _rows(self, table: Table) -> Iterator[dict[str, Any]]:
        writers = [(field.name, field.attname, writer(field)) for field in table.plain]
        people = [(field.name, field.attname) for field in table.people]
        references = [(name, f"{name}_id", self._lines_of(member)) for name, member in table.refers_to.items()]
        amend = getattr(self, f"_amend_{table.name}", None)
        for row in self._stored(table):
            cells = {name: write(getattr(row, attname)) for name, attname, write in writers}
            cells |= {name: self._people.get(getattr(row, attname), "") for name, attname in people}
            cells |= {name: lines.of(getattr(row, attname)) for name, attname, lines in references}
            if table.has_tags:
                cells["tags"] = sorted(row.tags.values_list("name", flat=True))
            if amend:
                amend(row, cells)
            yield cells

    def _lines_of(self, name: str) -> Lines:
        if name not in self._lines:
            table = next(each for each in TABLES if each.name == name)
            keys = table.rows(self._scope).order_by("pk").values_list("pk", flat=True)
            self._lines[name] = Lines(keys.iterator())
        return self._lines[name]

    def _stored(self, table: Table) -> Iterator[Model]:
        """The table's rows by key, a page at a time."""
        rows = table.rows(self._scope)
        if table.is_read_by_sample:
            yield from self._by_sample(rows)
            return
        last = -1
        while page := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_A_TIME]):
            yield from page
            last = page[-1].pk

    def _by_sample(self, rows: QuerySet) -> Iterator[Model]:
        for page in self._lines_of("samples").pages():
            yield from rows.model.objects.filter(sample__in=page).order_by("sample_id", "pk")

    def _amend_run(self, row: Run, cells: dict[str, Any]) -> None:
        cells["config"] = writer(Run._meta.get_field("config"))(self._config)

    def _amend_problem_marks(self, row: Model, cells: dict[str, Any]) -> None:
        cells["problem"] = self._lines_of("problems").of(self._scope.problem_of_mark[row.pk])

    def _amend_conditions(self, row: Model, cells: dict[str, Any]) -> None:
        cells["language_model"] = self._models[row.key]

    def _amend_attempts(self, row: Attempt, cells: dict[str, Any]) -> None:
        if row.state == Attempt.State.RUNNING:
            cells["state"] = Attempt.State.PENDING.value

    def _amend_samples(self, row: Model, cells: dict[str, Any]) -> None:
        cells["reused_from"] = row.reused_from_id is not None

    def _amend_review_sets(self, row: Model, cells: dict[str, Any]) -> None:
        cells["conditions"] = [name.partition(".")[2] for name in row.conditions]
