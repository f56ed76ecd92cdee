"""`manage.py restore FILE --replace --force`: a backup put back, checked before anything is touched."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.management.backups.data_files import unopened_keys
from experiments.management.backups.restoring import restore


class Command(BaseCommand):
    help = "Put a backup back: checked, restored beside what is there, brought up to this version, then put in its place."
    # A database that cannot be used is a reason to restore.
    requires_migrations_checks = False

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="in place of what is here, which is backed up first")
        parser.add_argument("--force", action="store_true", help="although Assay is running on this database")

    def handle(self, *, file: Path, replace: bool, force: bool, **options) -> None:
        try:
            done = restore(file.expanduser().absolute(), replace=replace, force=force)
        except AssayError as error:
            raise CommandError(str(error)) from None
        manifest = done.manifest
        if done.safety:
            self.stdout.write(f"What was here is in {done.safety}.")
        self.stdout.write(
            f"Restored the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC by Assay {manifest.assay_version}: "
            f"{manifest.n_rows:,} rows, {len(manifest.files)} files."
        )
        self.stdout.write(
            f"Unfinished runs, paused until somebody resumes them: {done.n_runs_paused}. "
            f"Calls that were under way, booked as lost: {done.n_calls_lost}."
        )
        for model in done.missing_models:
            self.stdout.write(f"Add the model {model.path} (SHA-256 {model.sha256}): manage.py add_model PATH")
        if names := unopened_keys():
            self.stdout.write(
                f"The stored keys {', '.join(names)} cannot be opened by the secret here: start with the same ASSAY_SECRET_KEY "
                "as when the backup was taken, or enter them again."
            )
        self.stdout.write("Start Assay again.")
