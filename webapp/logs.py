"""How log lines look: for reading, or one JSON object a line for a log store. Neither ever holds a key."""

import json
import logging
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from experiments.domain.log_context import FIELDS, known
from experiments.inference.redaction import redact

_HOLDS_A_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
# Shorter values are words such as "yes" that lines would miss.
_SHORTEST_SECRET = 8


class _Formatter(logging.Formatter):
    """`secrets` are hidden wherever they appear, besides the values of the environment's keys and what looks like a key."""

    def __init__(self, secrets: Iterable[str] = ()):
        super().__init__()
        found = {*secrets, *(value for name, value in os.environ.items() if _HOLDS_A_SECRET.search(name))}
        self._secrets = sorted(value for value in found if len(value) >= _SHORTEST_SECRET)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = redact(text, secret)
        return redact(text)

    def _told(self, record: logging.LogRecord) -> dict[str, str | int]:
        """The record's parts in the order of both formats; the ones nobody knows are left out."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._clean(_message(record)),
        }
        context = {name: getattr(record, name, None) or known().get(name) for name in FIELDS}
        told |= {name: value for name, value in context.items() if isinstance(value, (int, str))}
        if record.exc_info and record.exc_info[0]:
            told["traceback"] = self._clean(self.formatException(record.exc_info))
        return told


class LineFormatter(_Formatter):
    """`2026-05-01T10:00:00.000+00:00 WARNING experiments.runner.worker: Text [run 3, attempt 17]`, a traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        told = self._told(record)
        place = ", ".join(f"{name.replace('_', ' ')} {told[name]}" for name in FIELDS if name in told)
        line = f"{told['time']} {told['level']} {told['logger']}: {told['message']}{f' [{place}]' if place else ''}"
        return "\n".join(filter(None, (line, told.get("traceback"))))


class JsonFormatter(_Formatter):
    """One object a line: time, level, logger, message, then run, attempt, worker, request_id, user, traceback where known."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self._told(record), ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # Python would print the arguments as they are, keys and all.
        return f"{record.msg} (its arguments do not fit)"
