"""Whether the database has the tables that this code works with."""

from collections.abc import Iterator

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from .registry import Exam, Seen, check, fault, ok


@check("migrations")
def migrations(exam: Exam) -> Iterator[Seen]:
    executor = MigrationExecutor(connection)
    loader = executor.loader
    missing = [step for step, _ in executor.migration_plan(loader.graph.leaf_nodes())]
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    unknown = sorted(key for key in set(loader.applied_migrations) - set(loader.disk_migrations) - replaced)
    if missing:
        first = f"{missing[0].app_label}.{missing[0].name}"
        yield fault(f"{len(missing)} are not applied, the first of them {first}.", "Run: manage.py migrate")
    if unknown:
        yield fault(
            f"The database is of a newer Assay: this one does not know {'.'.join(unknown[-1])}.",
            "Update Assay here too, or restore the backup that was taken before the update.",
        )
    if not missing and not unknown:
        yield ok(f"All {len(loader.applied_migrations)} are applied.")
