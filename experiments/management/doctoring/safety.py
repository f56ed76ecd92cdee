"""Secret files that others can read, and settings that are not for a lab."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from ..backups import data_files
from ..backups.taking import PREFIX, SUFFIX
from .registry import Exam, Seen, check, fault, ok, warning

_SECRET = ("secret_key", "keys/*.key", f"backups/{PREFIX}*{SUFFIX}")
SHORTEST_SECRET = 32


@check("permissions of secret files")
def permissions(exam: Exam) -> Iterator[Seen]:
    files = [path for pattern in _SECRET for path in data_files.data_folder().glob(pattern)]
    readable = [path for path in files if path.stat().st_mode & 0o077]
    for path in readable:
        mode = stat.filemode(path.stat().st_mode)
        yield fault(f"{path} can be read or written by others ({mode}).", "Run: manage.py doctor --fix", _closing(path))
    if not readable:
        yield ok("Only their owner can read them.")


@check("settings")
def unsafe_settings(exam: Exam) -> Iterator[Seen]:
    found = []
    if settings.DEBUG:
        found.append(fault("ASSAY_DEBUG is on: pages of errors show what is inside.", "Unset it and start Assay again."))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            fault("ASSAY_ALLOWED_HOSTS has “*”: pages can be had under any name.", "Name the hosts that people type instead.")
        )
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        found.append(
            fault(
                f"The secret has {len(settings.SECRET_KEY)} characters, so that it can be guessed.",
                f"Set ASSAY_SECRET_KEY to {SHORTEST_SECRET} random ones or more, and enter the stored keys again.",
            )
        )
    if settings.ALLOWED_HOSTS != ["localhost", "127.0.0.1", "[::1]"] and not settings.SESSION_COOKIE_SECURE:
        found.append(
            warning(
                "It answers to names other than this machine's, and its cookies also travel without encryption.",
                "Put it behind HTTPS and set ASSAY_HTTPS=yes.",
            )
        )
    if names := data_files.unopened_keys():
        found.append(
            fault(
                f"The stored keys {', '.join(names)} cannot be opened: the secret has changed.",
                "Set ASSAY_SECRET_KEY as it was, or enter the keys again.",
            )
        )
    yield from found or [ok("Nothing in them is unsafe.")]


def _closing(path: Path) -> Callable[[], str]:
    def close() -> str:
        path.chmod(0o600)
        return f"{path} is its owner's alone now."

    return close
