"""`manage.py doctor --online --fix --json`: what is well, what is not, and what to do about it."""

import json as json_format

from django.core.management.base import BaseCommand, CommandError

from experiments.management import doctoring  # noqa: F401  (registers the checks)
from experiments.management.doctoring.registry import Exam, Result, State, examine


class Command(BaseCommand):
    help = "Look at database, disk, models, workers and settings. Ends with 1 where something is at fault."
    requires_migrations_checks = False

    def add_arguments(self, parser) -> None:
        parser.add_argument("--online", action="store_true", help="ask endpoints for their lists of models; that costs nothing")
        parser.add_argument("--fix", action="store_true", help="mend what can be mended without risk")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, online: bool, fix: bool, json: bool, **options) -> None:
        results = []
        for result in examine(Exam(online=online), mends=fix):
            results.append(result)
            if not json:
                self.stdout.write(_as_text(result))
        if json:
            self.stdout.write(json_format.dumps({"checks": [_as_json(each) for each in results]}, indent=1, ensure_ascii=False))
        if n_faults := sum(each.seen.state == State.FAULT for each in results):
            raise CommandError(f"{n_faults} faults.", returncode=1)


def _as_json(result: Result) -> dict[str, str]:
    seen = f"{result.seen.seen} {result.mended}".strip()
    return {"name": result.name, "state": str(result.seen.state), "seen": seen, "todo": result.seen.todo}


def _as_text(result: Result) -> str:
    line = f"{result.seen.state:8}{result.name}: {result.seen.seen}"
    if result.mended:
        return f"{line}\n        Mended: {result.mended}"
    return f"{line}\n        {result.seen.todo}" if result.seen.todo else line
