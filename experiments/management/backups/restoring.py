"""Putting a backup back: checked and restored beside what is there, brought up to date, and only then changed for it."""

import os
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from webapp import environment

from ...models import AuditEntry, Batch, Call, LoginLink, Run, Worker
from ...runner import presence
from . import data_files, elsewhere, postgres_dumps, sqlite_files
from .checking import check_fit, check_hashes, verified_copy
from .errors import BackupError
from .manifest import Manifest, StoredFile, read_manifest
from .taking import take_backup

# What a folder that was never used holds already, because starting makes it.
_OF_THE_START = {"User", "LoginLink", "Worker", "WorkerDraft", "AuditEntry"}


@dataclass(frozen=True)
class Restored:
    """`safety`: the backup of what was there before, if there was anything. Runs were paused, calls booked as lost."""

    manifest: Manifest
    safety: Path | None
    n_runs_paused: int
    n_calls_lost: int
    missing_models: list[StoredFile]


def restore(path: Path, *, replace: bool = False, force: bool = False) -> Restored:
    """Raises BackupError; then the installation is as it was."""
    manifest = read_manifest(path)
    check_fit(manifest)
    if not force and (busy := who_is_at_work()):
        raise BackupError(
            f"Assay is running on this database: {', '.join(busy)}. Stop it first, or say --force: what it writes is then lost."
        )
    has_content = holds_something()
    if has_content and not replace:
        raise BackupError(
            "The database here is not empty. To put the backup in its place say --replace: what is here is backed up first."
        )
    if not replace and (differing := data_files.differing(manifest.files)):
        raise BackupError(
            f"The data folder has another {differing[0]} than the backup. To put the backup's in its place say --replace."
        )
    check_hashes(path, manifest)
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with verified_copy(path, manifest, folder) as copy:
            with elsewhere.pointed_at(copy):
                call_command("migrate", verbosity=0, interactive=False)
                n_runs, n_calls = settle(manifest)
                AuditEntry.objects.record(None, AuditEntry.Action.RESTORED, path.name, taken_at=manifest.made_at.isoformat())
            safety = _backup_of_what_is_here() if has_content else None
            if connection.vendor == "sqlite":
                elsewhere.close()
                sqlite_files.put_in_place(Path(copy), Path(connection.settings_dict["NAME"]))
            else:
                postgres_dumps.put_in_place(copy)
        with zipfile.ZipFile(path) as archive:
            for each in manifest.files:
                with archive.open(f"data/{each.path}") as member:
                    data_files.put(each.path, member, each.n_bytes)
        _go_by_the_restored_secret()
    except OSError as error:
        raise BackupError(f"The backup could not be put back: {error.strerror or error}.") from None
    return Restored(manifest, safety, n_runs, n_calls, data_files.missing_models(manifest.models))


def settle(manifest: Manifest) -> tuple[int, int]:
    """End what was under way when the backup was taken, as if every worker had been killed then.

    Unfinished runs are paused, because going on spends money and somebody may have stopped them since. Login links are
    closed, because those used since would work again. Returns how many runs were paused and calls lost.
    """
    with transaction.atomic():
        n_calls = Call.objects.give_up()
    for worker in Worker.objects.filter(stopped_at=None):
        presence.leave(worker)
    Batch.objects.all().delete()  # their messages are not in the broker of today
    reason = f"Restored from the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC. Resume it to go on from what that holds."
    n_runs = sum(run.pause(reason) for run in Run.objects.unfinished())
    LoginLink.objects.filter(used_at=None).update(expires_at=Now() - timedelta(seconds=1))
    return n_runs, n_calls


def holds_something() -> bool:
    """Whether the database has any row that a person or a run brought."""
    try:
        tables = set(connection.introspection.table_names())
        models = [model for model in apps.get_app_config("experiments").get_models() if model.__name__ not in _OF_THE_START]
        return any(model._meta.db_table in tables and model.objects.exists() for model in models)
    except DatabaseError as error:
        raise BackupError(f"The database here cannot be read: {error}. Move it away, then restore.") from None


def who_is_at_work() -> list[str]:
    """What has our database open or reports to it, other than this process."""
    if connection.vendor == "postgresql":
        return postgres_dumps.others_connected()
    database = os.path.realpath(connection.settings_dict["NAME"])
    return [f"process {pid} ({command})" for pid, command in _processes_with(database)]


def _processes_with(file: str) -> list[tuple[int, str]]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(each.path == file for each in process.open_files()):
                found.append((process.pid, " ".join(process.cmdline()[-3:])))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def _backup_of_what_is_here() -> Path:
    try:
        return take_backup()[0]
    except BackupError as error:
        raise BackupError(
            f"What is here could not be backed up first: {error} Or move it away by hand; then restore without --replace."
        ) from None


def _go_by_the_restored_secret() -> None:
    """In this process too, which began with another one."""
    place = data_files.data_folder() / "secret_key"
    if place.exists() and not environment.text("ASSAY_SECRET_KEY"):
        settings.SECRET_KEY = place.read_text().strip()


def _folder() -> Path:
    """Where the copy is made: beside the database it will replace, for a file only moves in one step on one disk."""
    return Path(connection.settings_dict["NAME"]).parent if connection.vendor == "sqlite" else data_files.data_folder()
