"""Uploaded files between their preview and their saving: on disk, for a day at most, for the session that sent them."""

import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.files.uploadedfile import UploadedFile

from ..domain.errors import InvalidInput

KEPT_SECONDS = 24 * 3600
_SESSION_KEY = "uploads"


@dataclass(frozen=True)
class Upload:
    """A file that waits to be saved as a dataset. `token` names it in addresses and on disk."""

    token: str
    file_name: str
    source: str

    @property
    def path(self) -> Path:
        return _folder() / self.token


def keep(session: SessionBase, file: UploadedFile, source: str) -> Upload:
    """Store the file's bytes. Raises InvalidInput where the disk does not take them; then nothing stays behind."""
    _sweep()
    upload = Upload(secrets.token_urlsafe(16), file.name, source)
    try:
        with upload.path.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
    except OSError as error:
        upload.path.unlink(missing_ok=True)
        raise InvalidInput(
            f"The file could not be kept: {error.strerror}. Make room on the server's disk and try again."
        ) from None
    session[_SESSION_KEY] = {**session.get(_SESSION_KEY, {}), upload.token: asdict(upload)}
    return upload


def find(session: SessionBase, token: str) -> Upload | None:
    """The session's upload, or None if it is somebody else's, was saved, or is too old."""
    stored = session.get(_SESSION_KEY, {}).get(token)
    upload = Upload(**stored) if stored else None
    return upload if upload and upload.path.exists() else None


def discard(session: SessionBase, upload: Upload) -> None:
    upload.path.unlink(missing_ok=True)
    session[_SESSION_KEY] = {token: row for token, row in session.get(_SESSION_KEY, {}).items() if token != upload.token}


def _sweep() -> None:
    for path in _folder().iterdir():
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.ASSAY_DATA_DIR) / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
