"""`manage.py backup [FILE] --verify --keep N --models`: one file with the database and what cannot be made again."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.management.backups import checking
from experiments.management.backups.taking import default_place, prune, take_backup
from experiments.models import AuditEntry


class Command(BaseCommand):
    help = "Back up the database, the secret and the stored keys into one file, also while everything is running."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a new file, or a folder; by default a folder in the data folder")
        parser.add_argument("--verify", action="store_true", help="restore it into a scratch database and compare every table")
        parser.add_argument("--keep", type=int, metavar="N", help="then delete the folder's older backups, all but N")
        parser.add_argument("--models", action="store_true", help="hold the model files too, not only their names and hashes")

    def handle(self, *, file: Path | None, verify: bool, keep: int | None, models: bool, **options) -> None:
        if keep is not None and keep < 1:
            raise CommandError(f"--keep {keep} would delete the backup just taken. Keep at least 1.")
        if file is None:
            default_place().mkdir(mode=0o700, exist_ok=True)
        try:
            path, manifest = take_backup(file, with_models=models)
            if verify:
                checking.verify(path)
        except AssayError as error:
            raise CommandError(str(error)) from None
        size = path.stat().st_size
        AuditEntry.objects.record(None, AuditEntry.Action.BACKED_UP, path.name, n_bytes=size, n_rows=manifest.n_rows)
        checked = ", restored and compared" if verify else ""
        self.stdout.write(
            f"{path}: {size / 1e6:,.1f} MB, {manifest.n_rows:,} rows in {len(manifest.tables)} tables, "
            f"{len(manifest.files)} files{checked}. Whoever can read it has the stored keys: keep it as you keep them."
        )
        for old in prune(path.parent, keep) if keep else []:
            self.stdout.write(f"Deleted {old}.")
