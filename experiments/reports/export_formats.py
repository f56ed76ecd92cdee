"""The export of a run's samples as bytes: the one function behind the pages, the API and the command.

CSV is for spreadsheets and data frames, with the cells that a spreadsheet would run made harmless. JSONL keeps every
text as it is and adds the token logprobs. Numbers are written so that reading them gives the same number back.
"""

import csv
import io
import json
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from ..domain.errors import UnknownName
from ..models import Run
from .export_columns import COLUMNS, Column
from .export_rows import object_chunks, row_chunks

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}

# Blanks, control characters and what is drawn as nothing: a spreadsheet may skip them before it looks for a formula.
_SKIPPED = "\\s\x00-\x1f\x7f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
# A leading apostrophe is escaped too, so that taking one apostrophe away always gives the exact text back.
_NEEDS_APOSTROPHE = re.compile(f"['\t\r]|[{_SKIPPED}]*[=+\\-@＝＋－＠]")
_HARMLESS = frozenset(string.ascii_letters + string.digits)
# "-5" is only a number to a spreadsheet, and an answer people sort and compare.
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")


def export(run: Run, format: str, *, bom: bool = False) -> Iterator[bytes]:
    """The file's bytes in pieces of up to `export_rows.CHUNK` lines. `bom` begins a CSV with the mark Excel knows UTF-8 by.

    Raises UnknownName at once for a format that `CONTENT_TYPES` does not have.
    """
    if format not in CONTENT_TYPES:
        raise UnknownName("export format", format, list(CONTENT_TYPES))
    return csv_pieces(COLUMNS, row_chunks(run), bom) if format == "csv" else jsonl_pieces(object_chunks(run))


def neutralise(text: str) -> str:
    """The text, after an apostrophe if a spreadsheet might run it as a formula."""
    if not text or text[0] in _HARMLESS:
        return text  # most cells; none of these is skipped or runs
    return f"'{text}" if _NEEDS_APOSTROPHE.match(text) and not _PLAIN_NUMBER.match(text) else text


def csv_pieces(columns: Sequence[Column], chunks: Iterable[list[tuple[Any, ...]]], bom: bool = False) -> Iterator[bytes]:
    """Rows in the order of the columns.

    RFC 4180: commas, CRLF between rows, quotes where needed. Newlines inside a text stay as they are.
    """
    piece = io.StringIO(newline="")
    writer = csv.writer(piece)
    writer.writerow(column.name for column in columns)
    yield (b"\xef\xbb\xbf" if bom else b"") + piece.getvalue().encode()
    structured = [place for place, column in enumerate(columns) if column.kind == "json"]
    for rows in chunks:
        piece = io.StringIO(newline="")
        writer = csv.writer(piece)
        # By identity: rows share what belongs to their condition or problem, and hold it while they are here.
        written: dict[int, str] = {id(None): ""}
        for row in rows:
            cells = [neutralise(cell) if type(cell) is str else cell for cell in row]
            for place in structured:
                value = cells[place]
                if (text := written.get(id(value))) is None:
                    text = written[id(value)] = _json(value).decode()
                cells[place] = text
            writer.writerow(cells)
        # Half of a surrogate pair, which models do write, has no form in UTF-8: here it is spelt out.
        yield piece.getvalue().encode(errors="backslashreplace")


def jsonl_pieces(chunks: Iterable[list[dict[str, Any]]]) -> Iterator[bytes]:
    """One object a line."""
    for objects in chunks:
        yield b"".join(_json(cells) + b"\n" for cells in objects)


def _json(value: Any) -> bytes:
    """Ten times as fast as the standard library's on lists of logprobs. What JSON cannot say (infinity) becomes null."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        # Half of a surrogate pair: the standard library escapes it, so that reading gives it back.
        return json.dumps(value, separators=(",", ":")).encode()
