"""Whether a backup file is whole: its hashes, and a restored copy of its database held against its own sums."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from . import postgres_dumps, sqlite_files
from .errors import BackupError
from .manifest import Manifest, read_manifest
from .sums import differences

_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def check_fit(manifest: Manifest) -> None:
    """Raises BackupError where this installation cannot take it: another kind of database, or a newer schema."""
    if manifest.kind != connection.vendor:
        raise BackupError(
            f"This is a backup of {_KINDS.get(manifest.kind, manifest.kind)}, and DATABASE_URL names a "
            f"{_KINDS.get(connection.vendor, connection.vendor)} database. A backup goes back to the kind it was taken from; "
            "to move runs to the other kind, write each one's archive and read it in there."
        )
    on_disk = MigrationLoader(None).disk_migrations
    replaced = {key for migration in on_disk.values() for key in migration.replaces}
    known = {f"{app}.{name}" for app, name in on_disk.keys() | replaced}
    if unknown := [name for name in manifest.migrations if name not in known]:
        raise BackupError(
            f"The backup was taken by a newer Assay ({manifest.assay_version}): this one does not know its migration "
            f"{unknown[0]}. Update Assay, then restore."
        )


def check_hashes(path: Path, manifest: Manifest) -> None:
    """Raises BackupError at the first member that is not what was stored."""
    members = [(manifest.database.path, manifest.database), *((f"data/{each.path}", each) for each in manifest.files)]
    with zipfile.ZipFile(path) as archive:
        for name, expected in members:
            digest = hashlib.sha256()
            try:
                with archive.open(name) as member:
                    while block := member.read(1 << 20):
                        digest.update(block)
            except (KeyError, zipfile.BadZipFile, zipfile.zlib.error, EOFError) as error:
                raise BackupError(f"{path} is damaged at {name}: {error}. Take another backup.") from None
            if digest.hexdigest() != expected.sha256:
                raise BackupError(f"{path} is damaged: {name} is not what was stored. Take another backup.")


@contextmanager
def unpacked(path: Path, manifest: Manifest, folder: Path) -> Iterator[Path]:
    """The database out of the backup, in a temporary folder inside `folder`, readable by its owner only."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".assay-restore-") as temporary, zipfile.ZipFile(path) as archive:
        yield Path(archive.extract(manifest.database.path, temporary))


@contextmanager
def verified_copy(path: Path, manifest: Manifest, folder: Path) -> Iterator[str]:
    """The backup's database restored beside ours and found to be what was backed up, under the name it has meanwhile.

    That is a file in `folder`, or a database of the server. Removed at the end unless it was put in place.
    """
    with unpacked(path, manifest, folder) as member:
        if manifest.kind == "sqlite":
            _compare(path, manifest, sqlite_files.check_and_sum(member))
            yield str(member)
            return
        with postgres_dumps.scratch_database(f"restoring_{manifest.made_at:%Y%m%d%H%M%S}") as name:
            postgres_dumps.restore_database(member, name)
            _compare(path, manifest, postgres_dumps.sums_of(name))
            yield name


def verify(path: Path) -> Manifest:
    """Restore the backup into a scratch database and compare every table. Raises BackupError where it differs."""
    manifest = read_manifest(path)
    check_fit(manifest)
    check_hashes(path, manifest)
    with verified_copy(path, manifest, path.parent):
        return manifest


def _compare(path: Path, manifest: Manifest, found: dict) -> None:
    if sentences := differences(manifest.tables, found):
        raise BackupError(f"{path} does not restore to what was backed up: {'; '.join(sentences[:3])}. Take another backup.")
