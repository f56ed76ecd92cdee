"""From a table's rows to problems: which column is what, and what a cell of it means."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..domain.answers import last_boxed
from ..domain.errors import SourceError
from ..domain.types import HIDDEN, ProblemDraft

# The names people use, the surest first. A column called "solution" is the target only where none is called "answer".
_QUESTION = ("question", "problem", "input", "prompt", "query", "instruction", "text")
_ANSWER = ("answer", "answers", "target", "targets", "final_answer", "correct_answer", "answerkey", "gold", "label", "solution")
_ANSWER += ("completion", "output", "response")
_CHOICES = ("choices", "options")
_ID = ("id", "unique_id", "uid", "key", "problem_id", "question_id", "task_id")
_LONGEST_KEY = 200


class Row(NamedTuple):
    """`number` is the 1-based line where the record begins; `cells` by column name."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Mapping:
    """The columns' names; empty where the file has none for it."""

    question: str = ""
    answer: str = ""
    choices: str = ""
    id: str = ""

    def complete(self, columns: list[str]) -> "Mapping":
        """With every empty name guessed from the columns. Raises SourceError for a name that the file does not have."""
        for wanted in (self.question, self.answer, self.choices, self.id):
            if wanted and wanted not in columns:
                raise SourceError(f"The file has no column “{wanted}”. Its columns: {', '.join(columns)}.", column=wanted)
        free = {name.strip().casefold().replace(" ", "_"): name for name in reversed(columns) if name not in self.named}
        guessed = {}
        # "prompt/completion" and "input/target" come in pairs, so one may not take the other's column.
        for role, names in (("id", _ID), ("choices", _CHOICES), ("question", _QUESTION), ("answer", _ANSWER)):
            name = next((free.pop(known) for known in names if known in free), "") if not getattr(self, role) else ""
            guessed[role] = getattr(self, role) or name
        return Mapping(**guessed)

    @property
    def named(self) -> set[str]:
        return {name for name in (self.question, self.answer, self.choices, self.id) if name}

    def check(self, columns: list[str]) -> None:
        """Raises SourceError where question or answer could not be guessed."""
        for role, known in (("question", _QUESTION), ("answer", _ANSWER)):
            if not getattr(self, role):
                raise SourceError(
                    f"No column looks like the {role}. Choose one of: {', '.join(columns)}; "
                    f"or name one of them {', '.join(known[:4])}.",
                    column=role,
                )


def problems_from(rows: Iterable[Row], mapping: Mapping) -> Iterator[ProblemDraft]:
    """A draft per row. Raises SourceError with row and column at the first cell that cannot be used."""
    seen: dict[str, int] = {}
    for row in rows:
        question = _text(row, mapping.question)
        choices = _choices(row, mapping.choices) if mapping.choices else ()
        answers, worked = _answers(row, mapping.answer, choices)
        if mapping.id:
            key = _text(row, mapping.id)
            if len(key) > _LONGEST_KEY:
                raise _refuse(row, mapping.id, f"is {len(key)} characters long; at most {_LONGEST_KEY} are allowed for an id")
            if key in seen:
                raise _refuse(row, mapping.id, f"repeats the id “{key}” of line {seen[key]:,}; ids must differ")
        else:
            key = _key_of(question, choices, seen)
        seen[key] = row.number
        yield ProblemDraft(key, question, answers, choices, _metadata(row, mapping, worked))


def _key_of(question: str, choices: tuple[str, ...], seen: dict[str, int]) -> str:
    """A key from the content, which survives shuffling; the same question again gets a number."""
    content = "\0".join((question, *choices))
    base = "q-" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    key, times = base, 1
    while key in seen:
        times += 1
        key = f"{base}-{times}"
    return key


def _metadata(row: Row, mapping: Mapping, worked: str) -> dict[str, Any]:
    """The other columns. What would give the target away stands apart as HIDDEN, out of the prompt's reach."""
    hidden = {"worked_solution": worked} if worked else {}
    metadata = {}
    for name, value in row.cells.items():
        if name in mapping.named:
            continue
        if name.strip().casefold() in _ANSWER:
            hidden[name] = value
        else:
            metadata[name] = value
    return {**metadata, HIDDEN: hidden} if hidden else metadata


def _text(row: Row, column: str) -> str:
    value = row.cells.get(column)
    if isinstance(value, str):
        if value.strip():
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    elif value is not None:
        raise _refuse(row, column, f"is {_kind(value)}, but must be text")
    raise _refuse(row, column, "is empty" if column in row.cells else "is missing")


def _choices(row: Row, column: str) -> tuple[str, ...]:
    value = row.cells.get(column)
    if isinstance(value, dict) and isinstance(value.get("text"), list):
        value = value["text"]  # ARC and CommonsenseQA: {"text": [...], "label": [...]}
    if isinstance(value, str):
        value = _json_list(value) or [part for part in value.split("|" if "|" in value else "\n")]
    if not isinstance(value, list):
        raise _refuse(row, column, "must be a JSON list, or be separated by “|” or line breaks")
    choices = tuple(str(choice).strip() for choice in value)
    if len(choices) < 2 or not all(choices):
        raise _refuse(row, column, "must hold two choices or more, none of them empty (a JSON list, or separated by “|”)")
    if len(choices) > 26:
        raise _refuse(row, column, f"holds {len(choices)} choices; at most 26 can be lettered")
    return choices


def _answers(row: Row, column: str, choices: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """(the answers that count as right, the worked solution they were taken from or "")."""
    value = row.cells.get(column)
    if isinstance(value, str) and value.startswith("["):
        value = _json_list(value) or value
    if isinstance(value, list):
        if not value or not all(isinstance(item, str | int | float) and str(item).strip() for item in value):
            raise _refuse(row, column, "must list one answer or more, each of them text or a number")
        return tuple(str(item) for item in value), ""
    if choices:
        return _chosen(row, column, value, choices), ""
    text = str(value).lower() if isinstance(value, bool) else _text(row, column)
    _, marked, final = text.rpartition("####")
    if marked:
        if not final.strip():
            raise _refuse(row, column, "has nothing after “####”, where GSM8K's final answer stands")
        return (final.strip(),), text
    boxed = last_boxed(text) if "\\boxed" in text else None
    return ((boxed.text,), text) if boxed else ((text.strip(),), "")


def _chosen(row: Row, column: str, value: Any, choices: tuple[str, ...]) -> tuple[str, ...]:
    """(letter, the choice's words). A number counts from 0, as in MMLU, unless it is itself one of the choices."""
    text = _text(row, column).strip()
    if text in choices:
        place = choices.index(text)
    elif isinstance(value, int) and 0 <= value < len(choices):
        place = value
    elif len(text.strip("().")) == 1 and 0 <= ord(text.strip("().").upper()) - 65 < len(choices):
        place = ord(text.strip("().").upper()) - 65
    else:
        last = chr(64 + len(choices))
        raise _refuse(row, column, f"(“{text[:40]}”) is neither a letter from A to {last} nor one of the choices")
    return chr(65 + place), choices[place]


def _json_list(text: str) -> list[Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, list) else None


def _kind(value: Any) -> str:
    return {dict: "a JSON object", list: "a JSON list", bool: "true or false"}.get(type(value), type(value).__name__)


def _refuse(row: Row, column: str, trouble: str) -> SourceError:
    return SourceError(f"Line {row.number:,}: column “{column}” {trouble}. Nothing was saved.", row=row.number, column=column)
