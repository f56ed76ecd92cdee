"""`manage.py archive_run ID FILE [--remove]`: everything of a run in one file, to keep it or to move it elsewhere."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import InvalidInput
from experiments.models import AuditEntry, Run
from experiments.runner.archives.removing import check_removable, remove_archived
from experiments.runner.archives.writing import archive_run


class Command(BaseCommand):
    help = "Write a run with all that belongs to it to one file, which restore_run takes here or in another installation."

    def add_arguments(self, parser) -> None:
        parser.add_argument("run", type=int, help="the run's number")
        parser.add_argument("file", type=Path, help="file to write")
        parser.add_argument("--remove", action="store_true", help="then delete the run here, once the file was read back")

    def handle(self, *, run: int, file: Path, remove: bool, **options) -> None:
        found = Run.objects.filter(pk=run).first()
        if found is None:
            newest = Run.objects.first()
            raise CommandError(
                f"There is no run {run}. {f'The newest is run {newest.pk}.' if newest else 'There are no runs yet.'}"
            )
        if file.exists() and not file.is_file():
            raise CommandError(f"{file} is not a file. Name a file to write.")
        try:
            if remove:
                check_removable(found)
            manifest = archive_run(found, file)
            AuditEntry.objects.record(None, AuditEntry.Action.EXPORTED, found, format="archive", file=file.name)
            self._tell(file, manifest)
            if remove:
                remove_archived(found, file)
                self.stderr.write(f"Read {file} back and deleted run {run}.")
        except InvalidInput as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"Cannot write {file}: {error.strerror}.") from None

    def _tell(self, file: Path, manifest) -> None:
        samples = manifest.members["samples.jsonl"].rows
        self.stderr.write(f"Wrote {file} ({file.stat().st_size:,} bytes) with {samples:,} samples.")
        for sentence in manifest.left_out:
            self.stderr.write(sentence)
