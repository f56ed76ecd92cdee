"""Which tool wrote a log is told by its content; the file's name only names what the content does not."""

import json

from ...domain.errors import InvalidInput
from . import inspect_log, lm_eval, promptfoo
from .base import LARGEST_LOG, Log, check_storable

KNOWN = "an Inspect log (.json or .eval), lm-evaluation-harness samples (.jsonl) or promptfoo results (.json)"


def read_log(content: bytes, file_name: str) -> Log:
    """The file's log. Raises InvalidInput saying what is wrong with it."""
    if not content.strip():
        raise InvalidInput(f"The file is empty. It must be {KNOWN}.")
    if len(content) > LARGEST_LOG:
        raise InvalidInput(f"The file is too large: at most {LARGEST_LOG / 1e6:,.0f} MB are read.")
    log = inspect_log.read_eval(content) if content.startswith(b"PK") else _from_text(content, file_name)
    check_storable(log.records)
    return log


def _from_text(content: bytes, file_name: str) -> Log:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"Byte {error.start + 1:,} of the file is not UTF-8. It must be {KNOWN}.") from None
    lines = text.strip().split("\n")
    if lm_eval.is_lm_eval(_value(lines[0])):
        return lm_eval.read_lines(lines, file_name)
    value = _value(text)
    if inspect_log.is_inspect(value):
        return inspect_log.read_json(value)
    if promptfoo.is_promptfoo(value):
        return promptfoo.read_results(value)
    raise InvalidInput(f"The file is not known. It must be {KNOWN}.")


def _value(text: str) -> object:
    """None where the text is no JSON."""
    try:
        return json.loads(text, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        return None
