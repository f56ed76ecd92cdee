"""Old lines of the log of requests to models, which workers may be writing to."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ..models import RetentionRule


def count(moment: datetime) -> int:
    return sum(_is_old(line, moment) for path in (_aside(), _log()) for line in _lines(path))


def sweep(moment: datetime, rule: RetentionRule) -> Iterator[int]:
    """Workers open the file anew for every line. So it is moved aside, they begin another, and the young lines go there.

    What an interrupted sweep left aside is done first.
    """
    if not count(moment):
        return
    if not _aside().exists():
        _log().rename(_aside())
    n_old = 0
    with _log().open("ab") as log:
        for line in _lines(_aside()):
            if _is_old(line, moment):
                n_old += 1
            else:
                os.write(log.fileno(), line)
    _aside().unlink()
    yield n_old


def _log() -> Path:
    return Path(settings.ASSAY_REQUEST_LOG or os.devnull)


def _aside() -> Path:
    return _log().with_name(f"{_log().name}.aside")


def _lines(path: Path) -> Iterator[bytes]:
    if path.is_file():
        with path.open("rb") as file:
            yield from file


def _is_old(line: bytes, moment: datetime) -> bool:
    try:
        return json.loads(line)["time"] < moment.timestamp()
    except (ValueError, KeyError, TypeError):
        return False
