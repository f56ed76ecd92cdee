"""An archive that somebody hands in: nothing in it is believed before it is checked."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import NOT_PROVIDED, Field
from pydantic import ValidationError

from ...domain.errors import InvalidInput
from ...models.tags import LONGEST_TAG
from . import manifest
from .manifest import Manifest
from .tables import TABLES, Table
from .values import reader, storable_text, whole_number

#: Unpacked. A million samples with their logprobs are a tenth of it.
LARGEST_CONTENT = 40_000_000_000
LONGEST_LINE = 32_000_000
LARGEST_MANIFEST = 1_000_000
#: Lines that repeat themselves shrink to a hundredth; what shrinks to less than this was made to fill disks.
MOST_SHRINKING = 400
_ALWAYS_FINE = 10_000_000

Cells = dict[str, Any]


def looks_like_an_archive(file: BinaryIO) -> bool:
    """Whether it is meant to be one: a zip with a manifest, which logs do not have. The file is wound back."""
    try:
        with zipfile.ZipFile(file) as opened:
            return manifest.FILE in opened.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return False
    finally:
        file.seek(0)


class Archive:
    """An opened file. Raises InvalidInput where it is none, or of a version that this Assay cannot read."""

    def __init__(self, file: Path | BinaryIO):
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, NotImplementedError):
            raise InvalidInput("The file is not an archive of a run: those are zip files with a manifest.json.") from None
        #: Sentences about what is in the file and not understood.
        self.warnings: list[str] = []
        self.manifest = self._read_manifest()
        self._check_entries()

    def check(self) -> None:
        """Read everything once. Raises InvalidInput with the member and the line of the first thing that is wrong."""
        for table in TABLES:
            for _ in self.rows(table):
                pass

    def rows(self, table: Table) -> Iterator[tuple[int, Cells]]:
        """(line, values by column): plain values as the model's field takes them, references as lines, people as names.

        Raises InvalidInput, also at the end where the member is not what the manifest says.
        """
        said = self.manifest.members.get(table.member)
        if said is None:
            return
        read = _RowReader(table, self.manifest)
        digest, number = hashlib.sha256(), 0
        for number, line in enumerate(self._lines(table.member), start=1):
            digest.update(line)
            if number > said.rows:
                break
            try:
                cells = read(_json(line), number)
            except (ValueError, RecursionError) as error:
                words = error if isinstance(error, _WrongCell) else "it is not JSON in UTF-8"
                raise wrong_line(table, number, words) from None
            yield number, cells
        if (digest.hexdigest(), number) != (said.sha256, said.rows):
            raise InvalidInput(f"{table.member} is not what the manifest says: the file was damaged or changed on its way.")
        for name in read.unknown:
            self._warn(f"{table.member}: the column “{name}” is of a newer Assay and was left out.")

    def _lines(self, member: str) -> Iterator[bytes]:
        try:
            with self._zip.open(member) as entry, io.BufferedReader(entry, 1 << 20) as lines:
                while line := lines.readline(LONGEST_LINE + 1):
                    if len(line) > LONGEST_LINE:
                        raise InvalidInput(
                            f"{member} holds a line of more than {LONGEST_LINE / 1e6:,.0f} MB. Nothing was restored."
                        )
                    yield line
        except (zipfile.BadZipFile, zipfile.zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            raise InvalidInput(f"{member} cannot be unpacked: the file was damaged on its way.") from None

    def _read_manifest(self) -> Manifest:
        try:
            entry = self._zip.getinfo(manifest.FILE)
            if entry.file_size > LARGEST_MANIFEST:
                raise InvalidInput(f"{manifest.FILE} is too large to be one.")
            said = _json(b"".join(self._lines(manifest.FILE)))
        except KeyError:
            raise InvalidInput("The file is not an archive of a run: it has no manifest.json.") from None
        except (ValueError, RecursionError):
            raise InvalidInput(f"{manifest.FILE} is not JSON in UTF-8.") from None
        version = said.get("version") if isinstance(said, dict) else None
        if isinstance(version, list) and version and version[0] != manifest.VERSION[0]:
            ours = ".".join(map(str, manifest.VERSION))
            raise InvalidInput(
                f"The archive is of format {'.'.join(map(str, version))[:20]}, and this Assay reads format {ours}. "
                f"It was made by Assay {str(said.get('assay'))[:20]}: use that version or a newer one."
            )
        try:
            return Manifest.model_validate(said)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise InvalidInput(f"{manifest.FILE}, {place}: {first['msg']}. Is it an archive of a run?") from None

    def _check_entries(self) -> None:
        """The names, and that unpacking cannot fill the disk. What a file is said to unpack to is all that is read of it."""
        entries = self._zip.infolist()
        names = [entry.filename for entry in entries]
        known = {table.member for table in TABLES}
        said = self.manifest.members
        if len(set(names)) != len(names):
            raise InvalidInput("The archive holds two files of the same name. Nothing was restored.")
        if strange := sorted({*names, *said} - known - {manifest.FILE}):
            if not self.manifest.is_newer:
                raise InvalidInput(f"The archive holds “{strange[0][:100]}”, which is no part of one. Nothing was restored.")
            for name in strange:
                self._warn(f"“{name[:100]}” is of a newer Assay and was left out.")
        if missing := sorted(set(said) - set(names)) + ([] if self.manifest.is_older else sorted(known - set(said))):
            raise InvalidInput(f"The archive lacks {missing[0]}. Nothing was restored.")
        size = sum(entry.file_size for entry in entries)
        if size > LARGEST_CONTENT:
            raise InvalidInput(
                f"The archive would unpack to {size / 1e9:,.1f} GB; at most {LARGEST_CONTENT / 1e9:,.0f} are read."
            )
        for entry in entries:
            if entry.file_size > max(_ALWAYS_FINE, MOST_SHRINKING * entry.compress_size):
                raise InvalidInput(
                    f"{entry.filename[:100]} would unpack to more than {MOST_SHRINKING} times its size: it is not read."
                )

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def wrong_line(table: Table, number: int, words: object) -> InvalidInput:
    return InvalidInput(f"{table.member}, line {number}: {words}. Nothing was restored.")


class _WrongCell(ValueError):
    """What is wrong with a line, as the rest of a sentence."""


class _RowReader:
    """Lines of one member as values. `unknown` collects columns that only a newer Assay knows."""

    def __init__(self, table: Table, said: Manifest):
        self.unknown: set[str] = set()
        self._may_have_more = said.is_newer
        self._columns = table.columns
        self._readers: dict[str, Callable[[Any], Any]] = {}
        self._defaults: dict[str, Callable[[], Any]] = {}
        for field in table.plain:
            self._readers[field.name] = reader(field)
            if said.is_older and (default := _default_of(field)):
                self._defaults[field.name] = default
        for field in table.people:
            self._readers[field.name] = storable_text
        for name in table.named:
            self._readers[name] = _name_or_mark
        if table.has_tags:
            self._readers["tags"] = _tags
        rows = {name.removesuffix(".jsonl"): member.rows for name, member in said.members.items()}
        self._references = {name: rows.get(member, 0) for name, member in table.refers_to.items()}
        self._own = {name for name, member in table.refers_to.items() if member == table.name}
        self._required = {name for name in table.refers_to if not table.model._meta.get_field(name).null}

    def __call__(self, cells: Any, number: int) -> Cells:
        if not isinstance(cells, dict):
            raise _WrongCell("it is not an object")
        found = {}
        if cells.keys() != self._columns:
            found = self._missing(cells)
            cells = {name: value for name, value in cells.items() if name in self._columns}
        for name, value in cells.items():
            try:
                found[name] = self._readers[name](value) if name in self._readers else self._line(name, value, number)
            except ValueError as error:
                raise _WrongCell(f"{name} {error}") from None
        return found

    def _line(self, name: str, value: Any, number: int) -> int | None:
        if value is None and name not in self._required:
            return None
        return whole_number(value, 1, number - 1 if name in self._own else self._references[name])

    def _missing(self, cells: Cells) -> Cells:
        """The defaults of columns that were added since; notes those that are not known yet."""
        unknown = cells.keys() - self._columns
        if unknown and not self._may_have_more:
            raise _WrongCell(f"“{ascii(min(unknown))[1:-1][:100]}” is no column of it")
        self.unknown |= unknown
        missing = sorted(self._columns - cells.keys())
        if lacking := [name for name in missing if name not in self._defaults]:
            raise _WrongCell(f"the column “{lacking[0]}” is missing")
        return {name: self._defaults[name]() for name in missing}


def _default_of(field: Field) -> Callable[[], Any] | None:
    if field.null:
        return lambda: None
    return None if field.default is NOT_PROVIDED and not field.blank else field.get_default


def _json(text: bytes) -> Any:
    """Raises ValueError or RecursionError."""
    return json.loads(text.decode(), parse_constant=_no_number)


def _no_number(name: str) -> None:
    raise ValueError(name)


def _name_or_mark(value: Any) -> str | bool:
    return value if isinstance(value, bool) else storable_text(value)


def _tags(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("is not a list")
    return [storable_text(name, LONGEST_TAG) for name in value]
