"""What response headers tell about waiting."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def wait_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """How long a turned-away call should wait: Retry-After in its three forms, else the reset of what is used up."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if after := headers.get("retry-after"):
        seconds = _number(after)
        return seconds if seconds is not None else _until(after, now or datetime.now(UTC))
    return _used_up(headers, whole=True)


def pause_seconds(headers: Mapping[str, str]) -> float | None:
    """How long the next call should wait after one that was answered: until there is room for one more."""
    return _used_up(headers, whole=False)


def duration(text: str) -> float | None:
    """Seconds in "6m0s", "20ms", "1.5" (seconds); None for anything else."""
    if (seconds := _number(text)) is not None:
        return seconds
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _used_up(headers: Mapping[str, str], whole: bool) -> float | None:
    """`reset` is the time until all of `limit` is back; room for one call is back after a `limit`th of it."""
    waits = []
    for kind in ("-requests", "-tokens", ""):
        if _number(headers.get(f"x-ratelimit-remaining{kind}")) != 0:
            continue
        reset = duration(headers.get(f"x-ratelimit-reset{kind}", ""))
        limit = _number(headers.get(f"x-ratelimit-limit{kind}")) or 1
        # A reset in the thousands of millions is a date, which endpoints give in different units.
        if reset is not None and reset < 1e6:
            waits.append(reset if whole or kind == "-tokens" else reset / max(limit, 1))
    return max(waits, default=None)


def _number(text: str | None) -> float | None:
    """A finite number that is not negative."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _until(date: str, now: datetime) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date) - now).total_seconds())
    except (ValueError, TypeError):
        return None
