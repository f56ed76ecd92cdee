"""A filled-in review file as rows of cells, however the spreadsheet wrote it. All that is wrong is told by row and column."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell import Cell

from ..domain.errors import InvalidInput
from ..sources.files import LONGEST_CELL
from .export_formats import neutralise

LARGEST_FILE = 30_000_000
#: Bytes that a workbook may unpack to: a small file can be made to hold far too much.
LARGEST_UNPACKED = 300_000_000
MOST_ROWS = 100_000
MOST_TOLD = 20

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", ":": "colons"}
csv.field_size_limit(LONGEST_CELL)


class UnreadableFile(InvalidInput):
    """`troubles` are sentences, each naming its place; nothing of the file was applied."""

    def __init__(self, *troubles: str):
        self.troubles = list(troubles[:MOST_TOLD])
        if len(troubles) > MOST_TOLD:
            self.troubles.append(f"And {len(troubles) - MOST_TOLD:,} more of this file.")
        super().__init__(" ".join([*self.troubles, "Nothing of the file was taken in."]))


@dataclass(frozen=True)
class Row:
    """`number` as the spreadsheet counts, the header being 1; `cells` by column name, with no blanks at their ends."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """`note` says how the file was read, in words."""

    columns: list[str]
    rows: list[Row]
    note: str


def read_table(content: bytes) -> Table:
    """The rows that are not empty. Raises UnreadableFile."""
    if not content.strip():
        raise UnreadableFile("The file is empty.")
    if len(content) > LARGEST_FILE:
        raise UnreadableFile(f"The file has {len(content) / 1e6:,.0f} MB; at most {LARGEST_FILE / 1e6:,.0f} MB are read.")
    if content.startswith(_OLD_EXCEL):
        raise UnreadableFile("This is an old Excel file (.xls). Save it as .xlsx or as CSV.")
    if content.startswith(_ZIP):
        return _xlsx(content)
    return _csv(content)


def restored(text: str) -> str:
    """A cell without the apostrophe that `neutralise` put before it."""
    return text[1:] if text.startswith("'") and neutralise(text[1:]) == text else text


def _csv(content: bytes) -> Table:
    text, encoding = _decoded(content)
    first = next(iter(text.splitlines()), "")
    outside = "".join(first.split('"')[::2])
    separator = max(_SEPARATORS, key=outside.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append(record)
            if len(records) > MOST_ROWS:
                raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows.")
    except csv.Error as error:
        raise UnreadableFile(f"Row {len(records) + 1:,}: {error}. Is a quote missing or left open?") from None
    wide = [
        f"Row {number:,} has {len(record)} cells, but there are {len(records[0])} columns. Is a separator or a quote missing?"
        for number, record in enumerate(records, start=1)
        if len(record) > len(records[0]) and any(record[len(records[0]) :])
    ]
    if wide:
        raise UnreadableFile(*wide)
    return _table(records, f"CSV with {_SEPARATORS[separator]} in {encoding}")


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding's name: by its mark, as UTF-8, as UTF-16 without a mark, or as Windows writes it."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    # Our own header is ASCII: in UTF-16 every other byte of it is zero.
    unmarked = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be" if content[:1] == b"\0" else None
    if marked or unmarked:
        try:
            return content.decode(marked or unmarked), (marked or unmarked).upper().removesuffix("-SIG")
        except UnicodeDecodeError:
            raise UnreadableFile("The file is damaged: it begins like UTF-16 or UTF-8 and does not go on so.") from None
    for encoding, name in (("utf-8", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            return content.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("The file is neither UTF-8, UTF-16 nor Windows-1252. Save it as CSV in UTF-8, or as XLSX.")


def _xlsx(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            size = sum(part.file_size for part in packed.infolist())
        if "mimetype" in names:
            raise UnreadableFile("This is an OpenDocument file. Save it as .xlsx or as CSV.")
        if size > LARGEST_UNPACKED:
            raise UnreadableFile(f"The workbook unpacks to {size / 1e6:,.0f} MB, which no review file needs.")
        book = load_workbook(io.BytesIO(content))
    except UnreadableFile:
        raise
    except Exception as error:  # whatever a damaged file makes the readers stumble over
        raise UnreadableFile(f"The file begins like a workbook, but it cannot be read: {error}.") from None
    sheet = next((each for each in book.worksheets if _names_items(each)), book.worksheets[0] if book.worksheets else None)
    if sheet is None:
        raise UnreadableFile("The workbook has no sheet with cells.")
    if sheet.max_row > MOST_ROWS:
        raise UnreadableFile(f"The sheet “{sheet.title}” has {sheet.max_row:,} rows; at most {MOST_ROWS:,} are read.")
    if sheet.merged_cells.ranges:
        merged = ", ".join(sorted(str(each) for each in sheet.merged_cells.ranges)[:MOST_TOLD])
        raise UnreadableFile(f"Merged cells hide which row a verdict belongs to: {merged}. Split them, and fill in each cell.")
    formulas = [
        f"Cell {cell.coordinate}, column {_text(sheet.cell(1, cell.column)) or '?'}: a formula, {str(cell.value)[:60]}. "
        "Put its result there as a value."
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    if formulas:
        raise UnreadableFile(*formulas)
    records = [[_text(cell) for cell in row] for row in sheet.iter_rows()]
    return _table(records, f"XLSX, sheet “{sheet.title}”")


def _names_items(sheet) -> bool:
    return any(_text(cell).lower() == "item" for row in sheet.iter_rows(max_row=1) for cell in row)


def _text(cell: Cell) -> str:
    value: Any = cell.value
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _table(records: list[list[str]], note: str) -> Table:
    header = [name.strip().lower() for name in records[0]]
    while header and not header[-1]:
        header.pop()
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise UnreadableFile(f"Row 1: two columns are called “{repeated[0]}”. Keep one of them.")
    if not any(header):
        raise UnreadableFile("Row 1 is empty. It must name the columns, as the exported file does.")
    return Table([name for name in header if name], list(_rows(records[1:], header)), note)


def _rows(records: Iterable[list[str]], header: list[str]) -> Iterator[Row]:
    for number, record in enumerate(records, start=2):
        if any(cell.strip() for cell in record):
            yield Row(number, {name: cell.strip() for name, cell in zip(header, record, strict=False) if name})
