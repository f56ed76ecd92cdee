"""Problems from a table of comma-, semicolon- or tab-separated values."""

import csv
from collections.abc import Iterator
from typing import IO, Literal

from pydantic import Field

from ..domain.errors import SourceError
from .base import sources
from .columns import Row
from .files import LONGEST_CELL, FileSource, Table

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
# One number for the whole process; the csv module's own, 131,072, is too short for long prompts.
csv.field_size_limit(LONGEST_CELL)


@sources.register("csv", label="CSV file")
class CsvFile(FileSource):
    """The first line names the columns. Read line by line, at constant memory; the first error refuses the whole file."""

    delimiter: Literal["auto", ",", ";", "\t"] = Field(
        "auto", title="Delimiter", description="auto takes what separates the names in the first line: comma, semicolon or tab"
    )

    def read(self, path: str) -> Table:
        encoding = self.encoding_of(path)
        with open(path, encoding=encoding, newline="") as file:
            first = file.readline(LONGEST_CELL)
        delimiter = _delimiter(first) if self.delimiter == "auto" else self.delimiter
        records = _records(path, encoding, delimiter)
        _, columns = next(records, (1, []))
        columns = [name.strip() for name in columns]
        _check_header(columns)
        return Table(columns, _rows(records, columns), f"{_NAMES[delimiter].capitalize()}-separated, {encoding.upper()}.")


def _delimiter(header: str) -> str:
    """The separator that splits the first line most often, outside quotes; the comma where there is none."""
    outside = "".join(header.split('"')[::2])
    return max(_NAMES, key=outside.count)


def _records(path: str, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(the line where it begins, cells) of each record; blank lines are skipped."""
    with open(path, encoding=encoding, newline="") as file:
        reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
        line = 1
        try:
            for record in reader:
                if record:
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            raise _explain(error, line) from None


def _lines(file: IO[str]) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        if "\0" in line:
            raise SourceError(
                f"Line {number:,} holds a NUL byte, so this is not a text file. Export it as CSV in UTF-8. Nothing was saved.",
                row=number,
            )
        yield line


def _rows(records: Iterator[tuple[int, list[str]]], columns: list[str]) -> Iterator[Row]:
    width = len(columns)
    for line, record in records:
        if len(record) != width:
            raise SourceError(
                f"Line {line:,} has {len(record)} cells, but the header names {width} columns. Is a quote or a separator "
                "missing, or a text with a separator in it not quoted? Nothing was saved.",
                row=line,
            )
        yield Row(line, dict(zip(columns, record, strict=True)))


def _check_header(columns: list[str]) -> None:
    if not any(columns):
        raise SourceError("The first line is empty. It must name the columns, such as question,answer.", row=1)
    for place, name in enumerate(columns, start=1):
        if not name:
            raise SourceError(f"Column {place} has no name in the first line. Name it, or delete the column.", row=1)
        if name in columns[: place - 1]:
            raise SourceError(f"Two columns are called “{name}”. Rename one of them.", row=1, column=name)


def _explain(error: csv.Error, line: int) -> SourceError:
    text = str(error)
    if "end of data" in text:
        trouble = f'Line {line:,}: a quote is opened in this record and never closed. Double quotes inside a quoted cell ("").'
    elif "field larger" in text:
        trouble = f"Line {line:,}: a cell is longer than {LONGEST_CELL:,} characters. Is a quote left open?"
    elif "expected after" in text:
        trouble = f'Line {line:,}: text follows a closing quote. Double quotes inside a quoted cell ("").'
    else:
        trouble = f"Line {line:,}: {text}."
    return SourceError(f"{trouble} Nothing was saved.", row=line)
