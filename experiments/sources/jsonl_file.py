"""Problems from a file with one JSON object per line."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from ..domain.errors import SourceError
from .base import sources
from .columns import Row
from .files import LONGEST_CELL, FileSource, Table

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@sources.register("jsonl", label="JSON Lines file")
class JsonlFile(FileSource):
    """The first object names the columns; later ones may have others, which are kept as metadata."""

    def read(self, path: str) -> Table:
        encoding = self.encoding_of(path)
        rows = _rows(path, encoding)
        first = next(rows, None)
        if first is None:
            raise SourceError("The file holds blank lines only. It needs one JSON object per line.")
        return Table(list(first.cells), chain([first], rows), f"JSON Lines, {encoding.upper()}.")


def _rows(path: str, encoding: str) -> Iterator[Row]:
    with open(path, encoding=encoding, newline="\n") as file:
        number = 0
        # A limit on the line keeps a file that is one huge line from being read at once; four cells' worth is plenty.
        while line := file.readline(4 * LONGEST_CELL):
            number += 1
            if line.strip():
                yield Row(number, _object(line, number))


def _object(line: str, number: int) -> dict[str, Any]:
    where = f"Line {number:,}"
    if len(line) >= 4 * LONGEST_CELL:
        raise SourceError(
            f"{where} is longer than {4 * LONGEST_CELL:,} characters; there must be one object per line.", row=number
        )
    if number == 1 and line.lstrip().startswith("["):
        raise SourceError(
            "This is a JSON list. JSON Lines has one object per line, without brackets and commas around them.", row=1
        )
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        near = line[max(0, error.pos - 15) : error.pos + 15].strip()
        raise SourceError(
            f"{where}, character {error.pos + 1:,}: {error.msg} (near “{near}”). Nothing was saved.", row=number
        ) from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where}: {error}. Nothing was saved.", row=number) from None
    if not isinstance(value, dict):
        raise SourceError(
            f'{where} is not a JSON object: each line must look like {{"question": ..., "answer": ...}}.', row=number
        )
    if not _can_be_stored(line, value):
        raise SourceError(f"{where} holds a NUL character or half of a surrogate pair, which no database stores.", row=number)
    for name, cell in value.items():
        if isinstance(cell, str) and len(cell) > LONGEST_CELL:
            raise SourceError(f"{where}: “{name}” is longer than {LONGEST_CELL:,} characters.", row=number, column=name)
    return value


def _can_be_stored(line: str, value: dict[str, Any]) -> bool:
    """False for the two characters that JSON can escape and UTF-8 text columns cannot hold."""
    if "\0" in line or _ESCAPED_NUL.search(line):
        return False
    try:
        return "\\ud" not in line.lower() or bool(json.dumps(value, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value; write null, or leave it out")
