"""`manage.py bench NAME [--json]`: speed as ratios measured in one run, never in a timed test."""

import json

from django.core.management.base import BaseCommand, CommandError

from experiments.management.benches import all_benches, machine


class Command(BaseCommand):
    help = "Run a benchmark, or all of them, and print a table or one JSON object each."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="a benchmark's name, or “all”")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")

    def handle(self, *, name: str, json: bool, **options) -> None:
        benches = all_benches()
        if name != "all" and name not in benches:
            raise CommandError(f"Unknown benchmark “{name}”. Known: {', '.join(benches)}.")
        missed = 0
        for each in benches if name == "all" else [name]:
            rows = list(benches[each]())
            missed += sum(row.ok is False for row in rows)
            self.stdout.write(_as_json(each, rows) if json else _as_table(each, benches[each].__doc__ or "", rows))
        if missed:
            raise CommandError(f"{missed} target{'s' if missed > 1 else ''} missed.", returncode=2)


def _as_json(name: str, rows) -> str:
    return json.dumps({"bench": name, "machine": machine(), "rows": [vars(row) for row in rows]})


def _as_table(name: str, title: str, rows) -> str:
    here = machine()
    lines = [
        f"{name}: {title.strip().splitlines()[0] if title.strip() else ''}",
        f"on {here['processor']}, {here['cores']} cores",
        "",
    ]
    width = max((len(row.what) for row in rows), default=0)
    for row in rows:
        verdict = {True: "ok", False: "MISSED", None: ""}[row.ok]
        lines.append(f"  {row.what:<{width}}  {row.value:>12,.3f} {row.unit:<10} {row.target or '':<10} {verdict}")
    return "\n".join([*lines, ""])
