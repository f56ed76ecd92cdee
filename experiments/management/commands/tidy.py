"""`manage.py tidy --dry-run`: carry out the retention rules, or say what that would remove."""

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.runner.tidying import preview, tidy


class Command(BaseCommand):
    help = "Remove what the retention rules no longer keep. Unfinished runs, and runs tagged “keep”, are never touched."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *, dry_run: bool, **options) -> None:
        try:
            swept = preview() if dry_run else tidy()
        except (AssayError, OSError) as error:
            raise CommandError(f"{error} What was removed before is in the audit log.") from None
        if not swept:
            self.stdout.write("There is no retention rule: everything is kept. Administrators set rules on the page Retention.")
        for each in swept:
            verb = "would go" if dry_run else "removed"
            self.stdout.write(f"{each.rule}: {each.n:,} {each.broom.unit} {verb}")
