"""`manage.py restore_run FILE [--again] [--user NAME]`: a run out of its archive."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import InvalidInput
from experiments.models import User
from experiments.runner.archives.restoring import restore_run


class Command(BaseCommand):
    help = "Make a run of an archive, whole or not at all. Nothing is asked of a model; a run that had not ended is paused."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, help="what archive_run or the export page wrote")
        parser.add_argument("--again", action="store_true", help="also if the run is here already: as a run of its own")
        parser.add_argument("--user", help="who restores it, and owns what is made for it")

    def handle(self, *, file: Path, again: bool, user: str | None, **options) -> None:
        owner = User.objects.filter(username=user).first()
        if user and owner is None:
            raise CommandError(f"Nobody here is called “{user}”.")
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            restored = restore_run(file, owner, again=again)
        except InvalidInput as error:
            raise CommandError(str(error)) from None
        run = restored.run
        self.stdout.write(f"{file} is run {run.pk}, {run.get_state_display().lower()}, with {run.n_samples:,} answers.")
        for note in restored.notes:
            self.stdout.write(note)
