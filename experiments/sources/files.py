"""What uploaded files share: options, limits, the character encoding, and the preview before saving."""

import codecs
import os
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..domain.errors import SourceError
from ..domain.types import ProblemDraft
from .base import Source
from .columns import Mapping, Row, problems_from

# A cell above this is no question; more often a quote was left open. In characters.
LONGEST_CELL = 1_000_000
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Table:
    """An opened file: its columns, its rows (read as they are asked for), and how it was read, in words."""

    columns: list[str]
    rows: Iterator[Row]
    note: str


@dataclass(frozen=True)
class Preview:
    """What a page shows before anything is saved.

    `mapping`: question, answer, choices, id -> the column's name, or "" where none was found.
    `rows`: the first rows' cells in the order of `columns`. `problems`: what they become. `trouble`: why they do not.
    """

    columns: list[str]
    mapping: dict[str, str]
    rows: list[list[Any]]
    problems: list[ProblemDraft]
    note: str
    trouble: str = ""


class FileSource(Source):
    """A file with a row per problem. The columns' names are guessed where they are not given."""

    needs_file: ClassVar[bool] = True

    question_column: str = Field("", title="Question column", description="Empty guesses: question, problem, input, prompt ...")
    answer_column: str = Field("", title="Answer column", description="Empty guesses: answer, target, solution, completion ...")
    choices_column: str = Field(
        "", title="Choices column", description="Empty guesses: choices, options. A JSON list, or separated by | or lines"
    )
    id_column: str = Field("", title="Id column", description="Empty guesses: id, unique_id ...; without one, ids are made")
    encoding: Literal["utf-8", "latin-1", "cp1252"] = Field(
        "utf-8", title="Characters", description="UTF-8 (or UTF-16 with its mark); choose another only if the file is refused"
    )
    max_megabytes: int = Field(200, ge=1, le=10_000, title="Largest file (MB)", description="A larger file is refused")

    @abstractmethod
    def read(self, path: str) -> Table:
        """The file's table. Raises SourceError, also while its rows are read."""

    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        """The drafts in the file's order, read as they are asked for."""
        self.check_file(path)
        try:
            table = self.read(path)
            mapping = self._mapping.complete(table.columns)
            mapping.check(table.columns)
            some = False
            for draft in problems_from(table.rows, mapping):
                some = True
                yield draft
            if not some:
                raise SourceError("The file has its header, but no rows below it. Nothing was saved.", row=1)
        except UnicodeDecodeError:
            raise self._undecodable(path) from None

    def preview(self, path: str, limit: int = 5) -> Preview:
        """The first rows and what they would become. Raises SourceError only for a file that cannot be read at all."""
        self.check_file(path)
        try:
            table = self.read(path)
            mapping, trouble, rows = self._mapping, "", []
            try:
                rows.extend(islice(table.rows, limit))
            except SourceError as error:
                trouble = str(error)
            cells = [[row.cells.get(column) for column in table.columns] for row in rows]
            problems: list[ProblemDraft] = []
            try:
                mapping = mapping.complete(table.columns)
                mapping.check(table.columns)
                problems.extend(problems_from(rows, mapping))
            except SourceError as error:
                trouble = trouble or str(error)
        except UnicodeDecodeError:
            raise self._undecodable(path) from None
        return Preview(table.columns, asdict(mapping), cells, problems, table.note, trouble)

    def check_file(self, path: str | None) -> None:
        """Raises SourceError for a missing, an empty or too large a file."""
        if not path or not os.path.isfile(path):
            raise SourceError("Choose a file to read.")
        size = os.path.getsize(path)
        if size == 0:
            raise SourceError("The file is empty. It needs a row per problem, with a question and an answer.")
        if size > self.max_megabytes * 1_000_000:
            raise SourceError(
                f"The file has {size / 1e6:,.0f} MB; at most {self.max_megabytes:,} MB are read. Split it, or raise the limit."
            )

    def encoding_of(self, path: str) -> str:
        """The chosen encoding, or the one that the file's byte order mark names."""
        with open(path, "rb") as file:
            start = file.read(4)
        return next((name for mark, name in _BYTE_ORDER_MARKS if start.startswith(mark)), self.encoding)

    @property
    def _mapping(self) -> Mapping:
        return Mapping(self.question_column, self.answer_column, self.choices_column, self.id_column)

    def _undecodable(self, path: str) -> SourceError:
        """The error that names the first byte which is not in the encoding; found by reading the file again."""
        encoding = self.encoding_of(path)
        if not encoding.startswith("utf-8"):
            return SourceError(
                f"The file is not in {encoding.upper()}. Save it as UTF-8, or choose its encoding under “Characters”."
            )
        offset = 0
        with open(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as error:
                    near = line[max(0, error.start - 20) : error.start + 20].decode("latin-1").strip()
                    place = f"byte {offset + error.start + 1:,} of the file (0x{line[error.start]:02X}, near “{near}”)"
                    return SourceError(
                        f"Line {number:,}: {place} is not UTF-8. Save the file as UTF-8, or choose latin-1 or cp1252 (Windows) "
                        "under “Characters”. Nothing was saved.",
                        row=number,
                    )
                offset += len(line)
        return SourceError("The file changed while it was read. Try again.")
