"""Why a reply does not keep its JSON contract: one of sixteen kinds, the first that fits, or another.

The kinds are ours; those of When Correct Isn't Usable (2026) are not known to us.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from .json_contract import strictly_parsed, violations


class Failure(StrEnum):
    """In the order in which they are tried; the values are their names for reading."""

    EMPTY = "empty or refusal"
    CUT_OFF = "cut off"
    NO_JSON = "no JSON"
    FENCE = "JSON in a markdown fence"
    TEXT_BEFORE = "text before"
    TEXT_AFTER = "text after"
    SEVERAL = "two or more objects"
    NOT_QUITE_JSON = "Python or JavaScript syntax"
    BAD_ESCAPE = "bad escape"
    RAW_CONTROL = "raw line break or tab in a string"
    UNTERMINATED = "unterminated"
    WRONG_TOP = "wrong top type"
    MISSING_FIELD = "missing field"
    WRONG_TYPE = "wrong type"
    EXTRA_FIELD = "extra field"
    ANSWER_ELSEWHERE = "answer not in its field"
    OTHER = "other"


_REFUSAL = re.compile(
    r"\s*(?:I['’]m sorry|I am sorry|Sorry\b|I can(?:no|['’])t\b|I am (?:unable|not able)|I['’]m (?:unable|not able)|As an AI\b)",
    re.I,
)
# An object begins with a key, however it is quoted; the braces of LaTeX do not look like that.
_OBJECT = re.compile(r"\{\s*(?:[\"'“]|\w+\s*:|\})")
_FENCED = re.compile(r"```[^\n`{\[]*[\n\s]*[{\[]")
_STRING = re.compile(r'"(?:\\.|[^"\\])*(?:"|\Z)', re.DOTALL)
_NOT_QUITE = re.compile(r"[{,:\[]\s*'|\b(?:True|False|None|undefined)\b|//|/\*|#|,\s*[}\]]")
_BAD_ESCAPE = re.compile(r'(?<!\\)(?:\\\\)*\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_CONTROL = re.compile(r"[\x00-\x1f]")

#: Keywords of a schema whose breach has a kind of its own.
_BREACHES = {
    "required": Failure.MISSING_FIELD,
    "type": Failure.WRONG_TYPE,
    "anyOf": Failure.WRONG_TYPE,
    "oneOf": Failure.WRONG_TYPE,
    "additionalProperties": Failure.EXTRA_FIELD,
    "unevaluatedProperties": Failure.EXTRA_FIELD,
}


def failure_of(
    reply: str, was_cut_off: bool, contract: Mapping[str, Any], answer_field: str, is_answer: Callable[[Any], bool]
) -> Failure | None:
    """The kind of failure, None for a reply that can be used. `is_answer` tells whether a value of the field holds one."""
    try:
        value, is_json = strictly_parsed(reply), True
    except ValueError:
        value, is_json = None, False
    wrong = violations(value, contract) if is_json else None
    if wrong == []:
        is_there = isinstance(value, dict) and answer_field in value and is_answer(value[answer_field])
        return None if is_there else Failure.ANSWER_ELSEWHERE
    if not reply.strip() or (_REFUSAL.match(reply) and not _OBJECT.search(reply)):
        return Failure.EMPTY
    if was_cut_off:
        return Failure.CUT_OFF
    if not is_json:
        return _syntactic(reply.strip())
    kinds = {
        Failure.WRONG_TOP if each.validator == "type" and not each.path else _BREACHES.get(each.validator) for each in wrong or ()
    }
    return next((kind for kind in Failure if kind in kinds), Failure.OTHER)


def _syntactic(reply: str) -> Failure:
    """Of a reply that no strict parser takes."""
    begins = _OBJECT.search(reply)
    if not begins:
        return Failure.NO_JSON
    if _FENCED.search(reply):
        return Failure.FENCE
    if begins.start() > 0:
        return Failure.TEXT_BEFORE
    end = _end_of_object(reply)
    rest = reply[end:].lstrip(" \t\r\n,;") if end else ""
    if rest:
        return Failure.SEVERAL if _OBJECT.match(rest) else Failure.TEXT_AFTER
    strings, outside = _STRING.findall(reply), _STRING.sub('""', reply)
    if _NOT_QUITE.search(outside):
        return Failure.NOT_QUITE_JSON
    if any(_BAD_ESCAPE.search(string) for string in strings):
        return Failure.BAD_ESCAPE
    if any(_CONTROL.search(string) for string in strings):
        return Failure.RAW_CONTROL
    return Failure.OTHER if end else Failure.UNTERMINATED


def _end_of_object(reply: str) -> int | None:
    """Where the object that the reply begins with is closed; None if it never is. Braces inside strings do not count."""
    depth, quote, at = 0, "", 0
    while at < len(reply):
        letter = reply[at]
        if quote:
            if letter == "\\":
                at += 1
            elif letter == quote:
                quote = ""
        elif letter == '"' or (letter == "'" and reply[:at].rstrip()[-1:] in ("{", ",", ":", "[")):
            quote = letter
        elif letter in "{[":
            depth += 1
        elif letter in "}]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None
