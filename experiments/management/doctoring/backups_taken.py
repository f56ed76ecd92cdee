"""Whether there is a recent backup."""

from collections.abc import Iterator
from datetime import timedelta

from ...models import AuditEntry, Sample, clock
from .registry import Exam, Seen, check, ok, warning

OLD = timedelta(days=8)


@check("backups")
def backups(exam: Exam) -> Iterator[Seen]:
    last = AuditEntry.objects.filter(action=AuditEntry.Action.BACKED_UP).order_by("-id").first()
    if last is None and not Sample.objects.exists():
        yield ok("None was taken, and there is nothing to lose yet.")
    elif last is None:
        yield warning("None was ever taken.", "Run: manage.py backup --verify --keep 7, and have it run every night.")
    elif last.at < clock.now() - OLD:
        yield warning(f"The last one, {last.about_label}, is of {last.at:%Y-%m-%d}.", "See why the nightly backup does not run.")
    else:
        yield ok(f"The last one, {last.about_label}, is of {last.at:%Y-%m-%d %H:%M} UTC.")
