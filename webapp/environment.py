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


def folder(name: str, default: Path) -> Path:
    """The folder, made where it is missing; it may be written."""
    path = Path(text(name, str(default))).resolve()
    remedy = f"Let this user write there, or set {name} to another folder."
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"The data folder {path} cannot be made: {error.strerror}. {remedy}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"The data folder {path} cannot be written. {remedy}")
    return path


def secret(name: str, file: Path, *, is_shared: bool) -> str:
    """The variable, or a random secret made once and kept in `file`, readable by its owner only.

    One that machines have in common is not made up: sessions and stored keys of the others would be lost here.
    """
    if value := text(name):
        return value
    try:
        if not file.exists():
            if is_shared:
                raise ImproperlyConfigured(
                    f"{name} is not set and there is no {file}. Machines that share a database share this secret: set it to "
                    "the other hosts' value or copy their file. On the first host set it to 50 random characters, kept secret."
                )
            part = file.with_name(f"{file.name}.{os.getpid()}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(50))
            _keep_first(part, file)
        value = file.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret in {file} cannot be kept or read: {error.strerror}. Mend that, or set {name}."
        ) from None
    if not value:
        raise ImproperlyConfigured(f"{file} is empty: the disk was full, perhaps. Make room and delete it, or set {name}.")
    return value


def _keep_first(part: Path, file: Path) -> None:
    """Several processes start at the same moment; the first one's secret stays."""
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()
