"""The ledger of paid calls as a file: a row for every call that left, whatever became of it."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, IntegerField, QuerySet
from django.db.models.functions import Cast

from ..domain.errors import UnknownName
from ..models import Call
from .export_columns import Column
from .export_formats import CONTENT_TYPES, csv_pieces, jsonl_pieces
from .export_rows import CHUNK

COLUMNS = (
    Column("call", "text", "Name of the call, unique"),
    Column("run", "integer", "Number of the run"),
    Column("attempt", "integer", "Number of the attempt"),
    Column("problem", "text", "Key of the attempt's problem"),
    Column("request_hash", "text", "Digest of what was asked; with attempt and occurrence it names the sample"),
    Column("occurrence", "integer", "Which draw of this request in the attempt, from 0; of a shared call the first"),
    Column("occurrences", "json", "List of all draws that the call was for: several where samples shared it (n)"),
    Column("try_number", "integer", "Which try of this draw, from 1; a worker that starts again counts anew"),
    Column("language_model", "text", "Name of the language model that was asked"),
    Column("state", "text", "sent (under way), answered, failed, abandoned (stopped by Assay) or lost (its worker died)"),
    Column("sent_at", "time", "When it left, ISO 8601, UTC"),
    Column("seconds", "number", "How long it took; 0 while not known"),
    Column("status", "integer", "HTTP status of the answer", optional=True),
    Column("request_id", "text", "The endpoint's own name for the call"),
    Column("prompt_tokens", "integer", "Tokens of the prompt"),
    Column("cached_tokens", "integer", "Those of them that were cheaper because the endpoint remembered them"),
    Column("completion_tokens", "integer", "Tokens written, reasoning included"),
    Column("reasoning_tokens", "integer", "Those of them written as reasoning"),
    Column("usage_is_estimated", "integer", "1 where the endpoint did not tell tokens and cost, else 0"),
    Column("most_cost", "number", "Upper bound that was known before the call left"),
    Column("cost", "number", "In the currency of the model's prices; of a lost call the most it may have cost"),
    Column("is_cut", "integer", "1 where text had begun to arrive and broke off, else 0"),
    Column("note", "text", "What went wrong, in words"),
)

_ELSEWHERE = {
    "call": F("key"),
    "problem": F("attempt__problem__key"),
    "usage_is_estimated": Cast("usage_is_estimated", IntegerField()),
    "is_cut": Cast("is_cut", IntegerField()),
}
_NAMES = tuple(column.name for column in COLUMNS)


def export_ledger(calls: QuerySet[Call], format: str) -> Iterator[bytes]:
    """These calls as a CSV or JSONL file, in pieces. Raises UnknownName at once for another format."""
    if format not in CONTENT_TYPES:
        raise UnknownName("export format", format, list(CONTENT_TYPES))
    if format == "csv":
        return csv_pieces(COLUMNS, ledger(calls))
    return jsonl_pieces([dict(zip(_NAMES, row, strict=True)) for row in rows] for rows in ledger(calls))


def ledger(calls: QuerySet[Call]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in the order of `COLUMNS`, as the calls left, in lists of up to `CHUNK`; memory does not grow with their number."""
    last = 0
    while found := list(calls.filter(pk__gt=last).order_by("pk").values_list("pk", *map(_source, _NAMES))[:CHUNK]):
        last = found[-1][0]
        yield [
            tuple(cell.isoformat() if name == "sent_at" else cell for name, cell in zip(_NAMES, row, strict=True))
            for _, *row in found
        ]


def _source(name: str) -> Any:
    return _ELSEWHERE.get(name, name)
