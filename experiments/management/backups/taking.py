"""Taking a backup: everything into one file that appears whole or not at all."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from . import data_files, postgres_dumps, sqlite_files
from .errors import BackupError
from .manifest import MANIFEST, Manifest, StoredFile

PREFIX, SUFFIX = "assay-backup-", ".zip"
# Beside what is to be stored: for lists of names, and so that the disk is not filled to the last byte.
SPARE_BYTES = 16 << 20
# Compressed already, or not compressible: stored as it is.
_DENSE = {".gguf", ".dump", ".zip", ".gz", ".assay"}


def default_place() -> Path:
    return data_files.data_folder() / "backups"


def name_at(moment: datetime) -> str:
    """In the order of time; no two backups share a thousandth of a second."""
    return f"{PREFIX}{moment:%Y%m%d-%H%M%S}-{moment.microsecond // 1000:03d}{SUFFIX}"


def take_backup(wanted: Path | None = None, *, with_models: bool = False) -> tuple[Path, Manifest]:
    """Write a backup of the database and the data folder. `wanted`: a file, or a folder in which it is named by the time.

    Raises BackupError; then nothing was left behind.
    """
    began = timezone.now()
    target = _target(wanted, began)
    files = data_files.precious_files(with_models)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_room(target.parent, files)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{PREFIX}") as temporary:
            part = Path(temporary) / target.name
            manifest = _write(part, files, began)
            os.replace(part, target)
        sqlite_files.sync(target.parent)
    except OSError as error:
        raise BackupError(
            f"The backup could not be written to {target}: {error.strerror or error}. Nothing was left behind."
        ) from None
    return target, manifest


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete the oldest backups that were named by their time, all but `keep`. Returns those deleted."""
    found = sorted(path for path in folder.glob(f"{PREFIX}*{SUFFIX}") if path.is_file())
    surplus = found[: max(len(found) - keep, 0)]
    for path in surplus:
        path.unlink()
    return surplus


def _target(wanted: Path | None, moment: datetime) -> Path:
    if wanted is None:
        return default_place() / name_at(moment)
    wanted = wanted.expanduser().absolute()
    if wanted.is_dir():
        return wanted / name_at(moment)
    if wanted.exists():
        raise BackupError(f"{wanted} exists. Name another file, or a folder in which backups are named by their time.")
    return wanted


def _check_room(folder: Path, files: list[Path]) -> None:
    """The copy of the database and the file made of it lie side by side for a while."""
    database = postgres_dumps.size() if connection.vendor == "postgresql" else _sqlite_size()
    needed = 2 * database + sum(path.stat().st_size for path in files) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"{folder} has {free / 1e6:,.0f} MB free, and the backup may need {needed / 1e6:,.0f} MB. "
            "Make room, or name a file on another disk."
        )


def _sqlite_size() -> int:
    path = Path(connection.settings_dict["NAME"])
    return sum(each.stat().st_size for each in (path, Path(f"{path}-wal")) if each.exists())


def _write(part: Path, files: list[Path], began: datetime) -> Manifest:
    database = part.parent / (postgres_dumps.MEMBER if connection.vendor == "postgresql" else sqlite_files.MEMBER)
    if connection.vendor == "postgresql":
        tables, migrations = postgres_dumps.dump_database(database)
        version = postgres_dumps.server_version()
    else:
        sqlite_files.copy_database(Path(connection.settings_dict["NAME"]), database)
        tables, migrations = sqlite_files.check_and_sum(database), sqlite_files.migrations_in(database)
        version = connection.Database.sqlite_version
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            stored = _add(archive, database, database.name)
            database.unlink()
            folder = data_files.data_folder()
            manifest = Manifest(
                assay_version=settings.SPECTACULAR_SETTINGS["VERSION"],
                made_at=began,
                kind=connection.vendor,
                server_version=version,
                database=stored,
                migrations=migrations,
                tables=tables,
                files=[_add(archive, path, path.relative_to(folder).as_posix(), "data/") for path in files],
                models=data_files.named_models(),
            )
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        out.flush()
        os.fsync(out.fileno())
    return manifest


def _add(archive: zipfile.ZipFile, path: Path, name: str, inside: str = "") -> StoredFile:
    """Read once, so that the hash is that of what is stored."""
    digest, n_bytes = hashlib.sha256(), 0
    member = zipfile.ZipInfo(inside + name) if path.suffix in _DENSE else inside + name
    with path.open("rb") as source, archive.open(member, "w", force_zip64=True) as out:
        while block := source.read(1 << 20):
            digest.update(block)
            n_bytes += len(block)
            out.write(block)
    return StoredFile(path=name, n_bytes=n_bytes, sha256=digest.hexdigest())
