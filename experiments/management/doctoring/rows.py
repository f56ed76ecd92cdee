"""Rows that point nowhere, and work that is held by workers which are gone."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import Q

from ...models import Attempt, Call, Tag, Worker
from ...runner import presence
from .registry import Exam, Seen, check, fault, ok, warning


@check("rows that point nowhere")
def orphans(exam: Exam) -> Iterator[Seen]:
    """PostgreSQL keeps them out by itself; so does SQLite, unless another program wrote to the file."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        broken = cursor.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = sorted({table for table, *_ in broken})
        yield fault(
            f"{len(broken)} rows of {', '.join(tables)} refer to rows that are not there.",
            "Restore the last backup: manage.py restore FILE --replace. Nothing but Assay should write to its database.",
        )
    else:
        yield ok("None.")


@check("tags")
def tags(exam: Exam) -> Iterator[Seen]:
    accessors = [field.name for field in Tag._meta.related_objects]
    unused = Tag.objects.filter(**{f"{name}": None for name in accessors})
    n = unused.count()
    if n:
        yield warning(f"{n} are on nothing.", "Run: manage.py doctor --fix", lambda: f"Deleted {unused.delete()[0]}.")
    else:
        yield ok("All are on something.")


@check("work of stopped workers")
def abandoned(exam: Exam) -> Iterator[Seen]:
    """What `presence.leave` would have given back, had the database answered at that moment."""
    stopped = ~Q(stopped_at=None)
    holders = Worker.objects.filter(stopped)
    n_attempts = Attempt.objects.filter(state=Attempt.State.RUNNING).filter(Q(worker=None) | Q(worker__in=holders)).count()
    n_calls = Call.objects.under_way().filter(Q(worker=None) | Q(worker__in=holders)).count()
    if not n_attempts and not n_calls:
        yield ok("None.")
        return

    def mend() -> str:
        for worker in holders.filter(Q(attempt__state=Attempt.State.RUNNING) | Q(call__state=Call.State.SENT)).distinct():
            presence.leave(worker)
        with transaction.atomic():
            lost = Call.objects.filter(worker=None).give_up()
        free = Attempt.objects.filter(state=Attempt.State.RUNNING, worker=None)
        free.update(state=Attempt.State.PENDING, lease_until=None)
        return f"Gave back {n_attempts} attempts; booked {max(n_calls, lost)} calls as lost, at the most they may have cost."

    yield warning(
        f"{n_attempts} attempts and {n_calls} calls are held by workers that have stopped.", "Run: manage.py doctor --fix", mend
    )
