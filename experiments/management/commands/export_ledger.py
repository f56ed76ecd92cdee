"""`manage.py export_ledger RUN|--all --format csv|jsonl --output FILE`: every paid call and what it cost."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from experiments.management.commands.export_run import write_whole
from experiments.models import AuditEntry, Call, Run
from experiments.reports.export_formats import CONTENT_TYPES
from experiments.reports.ledger import export_ledger


class Command(BaseCommand):
    help = "Write the ledger of paid calls, of one run or of all."

    def add_arguments(self, parser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("run", type=int, nargs="?", help="the run's number")
        which.add_argument("--all", action="store_true", help="the calls of all runs")
        parser.add_argument("--format", choices=list(CONTENT_TYPES), default="csv")
        parser.add_argument("--output", default="-", help="file to write; standard output if it is not named")

    def handle(self, *, run: int | None, all: bool, format: str, output: str, **options) -> None:
        found = None if all else Run.objects.filter(pk=run).first()
        if not all and found is None:
            raise CommandError(f"There is no run {run}.")
        AuditEntry.objects.record(None, AuditEntry.Action.EXPORTED, found or "the ledger", what="ledger", format=format)
        calls = Call.objects.all() if all else Call.objects.filter(run=run)
        pieces = export_ledger(calls, format)
        try:
            if output == "-":
                self.stdout.buffer.writelines(pieces)
                self.stdout.buffer.flush()
            else:
                written = write_whole(Path(output), pieces)
                self.stderr.write(f"Wrote {output} ({written['bytes']:,} bytes).")
        except OSError as error:
            where = "to standard output" if output == "-" else output
            raise CommandError(f"Cannot write {where}: {error.strerror}.") from None
