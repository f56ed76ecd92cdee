"""A review set as a file that a reviewer fills in: CSV or XLSX, with the same cells."""

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from ..models import ReviewSet
from .export_columns import Column
from .export_formats import csv_pieces, neutralise
from .review_columns import SCORE, columns_of, rows_of

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEET = "Review"
LONGEST_XLSX_CELL = 32_767

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_WIDTHS = {"question": 50, "text": 80, "left": 60, "right": 60, "note": 50, "verdict": 14, "target": 20, "choices": 20}
_HEADER = PatternFill("solid", fgColor="E9EBFB")
_TO_FILL_IN = PatternFill("solid", fgColor="FBF0DC")


def export_review(review_set: ReviewSet, reviewer: str, format: str) -> bytes:
    """The whole file; `format` is a key of CONTENT_TYPES. A CSV begins with the mark by which Excel knows UTF-8."""
    columns = columns_of(review_set)
    if format == "csv":
        return b"".join(csv_pieces(columns, _chunks(rows_of(review_set, reviewer)), bom=True))
    return _workbook(review_set, columns, reviewer)


def _chunks(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := list(islice(rows, 500)):
        yield chunk


def _workbook(review_set: ReviewSet, columns: tuple[Column, ...], reviewer: str) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.freeze_panes = "C2"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(column.name, 12)
    for validation in _validations(review_set, columns):
        sheet.add_data_validation(validation)
    sheet.append([_cell(sheet, column.name, column, is_header=True) for column in columns])
    for row in rows_of(review_set, reviewer):
        sheet.append([_cell(sheet, value, column) for value, column in zip(row, columns, strict=True)])
    _explain(book.create_sheet("How to fill in"), review_set, columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet, value: Any, column: Column, is_header: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, _xlsx_text(value) if type(value) is str else value)
    if type(value) is str:
        cell.data_type = "s"  # openpyxl would make a formula of a text that begins with "="
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_header:
        cell.font, cell.fill = Font(bold=True), _HEADER
    elif _is_filled_in(column):
        cell.fill = _TO_FILL_IN
    return cell


def _xlsx_text(text: str) -> str:
    """As a cell of XLSX can hold it, which is less than CSV: no control characters, and not too long."""
    text = neutralise(_NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")))
    if len(text) <= LONGEST_XLSX_CELL:
        return text
    note = f" … [{len(text):,} characters; the CSV and the review page have them all]"
    return text[: LONGEST_XLSX_CELL - len(note)] + note


def _is_filled_in(column: Column) -> bool:
    return column.name in ("verdict", "note") or column.name.startswith(SCORE)


def _validations(review_set: ReviewSet, columns: tuple[Column, ...]) -> list[DataValidation]:
    """Menus and limits in the cells to fill in."""
    last = review_set.items.count() + 1
    scales = {SCORE + each["key"]: each for each in review_set.rubric}
    made = []
    for place, column in enumerate(columns, start=1):
        if column.name == "verdict":
            rule = DataValidation("list", f'"{",".join(review_set.allowed_verdicts)}"', allow_blank=True)
        elif column.name in scales:
            scale = scales[column.name]
            rule = DataValidation("whole", scale["low"], scale["high"], operator="between", allow_blank=True)
        else:
            continue
        rule.showErrorMessage, rule.error, rule.errorTitle = True, column.meaning, column.name
        letter = get_column_letter(place)
        rule.add(f"{letter}2:{letter}{last}")
        made.append(rule)
    return made


def _explain(sheet, review_set: ReviewSet, columns: tuple[Column, ...]) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 100
    plain = Column("", "text", "")
    lines = [
        ("Review set", review_set.name),
        ("Instructions", review_set.instructions),
        ("", "Fill in the coloured columns, save, and send the file back. Rows may be sorted or left out, as whole rows."),
        ("", "A text that begins like a formula stands behind an apostrophe, which is no part of it."),
        *((column.name, column.meaning) for column in columns),
    ]
    for line in lines:
        sheet.append([_cell(sheet, text, plain) for text in line])
