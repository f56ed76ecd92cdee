"""The files that keys and consents are kept in: on this machine's disk, and the same on every machine of a lab."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from django.conf import settings


class Sharing(Protocol):
    """How machines hear of one another's files."""

    def fetch(self) -> None:
        """Bring this machine's files up to date, by `put`."""

    def publish(self, name: str, content: bytes | None) -> None:
        """Tell the others; None is a file that is gone."""


class _Alone:
    def fetch(self) -> None:
        """Nobody else has any."""

    def publish(self, name: str, content: bytes | None) -> None:
        """Nobody else wants to know."""


#: Set once at start-up.
sharing: Sharing = _Alone()


def refresh() -> None:
    """Before files are listed or changed. Asks the database where there are several machines, so not from an event loop."""
    sharing.fetch()


def read(name: str) -> bytes | None:
    """What this machine has under the name. Asks nobody."""
    path = folder() / name
    return path.read_bytes() if path.exists() else None


def names(suffix: str) -> Iterator[str]:
    return (path.name for path in sorted(folder().glob(f"*{suffix}")))


def write(name: str, content: bytes | None) -> None:
    """Change the file here and everywhere; None removes it."""
    put(name, content)
    sharing.publish(name, content)


def put(name: str, content: bytes | None) -> None:
    """Change the file on this machine only. Readable by its owner alone."""
    path = folder() / name
    if content is None:
        path.unlink(missing_ok=True)
        return
    part = path.with_name(f"{name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    part.replace(path)


def folder() -> Path:
    path = Path(settings.ASSAY_DATA_DIR) / "keys"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
