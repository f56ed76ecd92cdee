"""Typed readers of environment variables that refuse a bad value instead of guessing."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
    return default


def amount(name: str) -> float | None:
    """A number that is not negative, or None where nothing is said."""
    value = text(name)
    try:
        number = float(value) if value else None
    except ValueError:
        number = -1.0
    if number is not None and not 0 <= number < float("inf"):
        raise ImproperlyConfigured(f"{name} must be a number that is not negative, not {value!r}.")
    return number


def count(name: str, default: int) -> int:
    """A whole number from 1."""
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1, not {value!r}.")
    return int(value)


def choice(name: str, *values: str) -> str:
    """One of the values, the first where nothing is said."""
    value = text(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(values)}, not {value!r}.")
    return value


def count_or_none(name: str) -> int | None:
    """A whole number from 1, or None where nothing is said."""
    return count(name, 1) if text(name) else None


def names(name: str) -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def secret(name: str, file: Path) -> str:
    """The variable, or a random secret made once and kept in `file`, readable by its owner only."""
    if value := text(name):
        return value
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(50))
    return file.read_text().strip()
