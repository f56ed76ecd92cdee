"""What a backup file says of itself: written last, read first."""

import zipfile
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import BackupError

MANIFEST = "manifest.json"
FORMAT = 1


class TableSum(BaseModel):
    """A table's content in short: how many rows, and a sum over their hashes that does not depend on their order."""

    model_config = ConfigDict(frozen=True)
    rows: int
    checksum: str


class StoredFile(BaseModel):
    """A file of the data folder, or a model's file that is only named."""

    model_config = ConfigDict(frozen=True)
    path: str
    n_bytes: int
    sha256: str


class Manifest(BaseModel):
    """`database` names the member with the database; `migrations` are those of every app as “app.name”.
    `files` are those of the data folder that it holds; `models` names all models that could be loaded then.
    """

    model_config = ConfigDict(frozen=True)
    format: int = FORMAT
    assay_version: str
    made_at: datetime
    kind: str
    server_version: str
    database: StoredFile
    migrations: list[str]
    tables: dict[str, TableSum]
    files: list[StoredFile]
    models: list[StoredFile]

    @property
    def n_rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def read_manifest(path: Path) -> Manifest:
    """Of a backup file. Raises BackupError where it is none, is cut off, or was written by a newer Assay."""
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(MANIFEST)
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise BackupError(f"{path} is not a whole backup of Assay: {error}. Take another one.") from None
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise BackupError(f"The manifest in {path} cannot be read: {error.errors()[0]['msg']}. Take another backup.") from None
    if manifest.format > FORMAT:
        raise BackupError(f"{path} was written by a newer Assay ({manifest.assay_version}). Update Assay, then restore.")
    return manifest
