"""The broker, where Celery places the work."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from ...models import Batch, clock
from ...runner import readiness
from .registry import Exam, Seen, check, fault, ok, warning

UNTAKEN = timedelta(minutes=5)


@check("broker")
def broker(exam: Exam) -> Iterator[Seen]:
    if not settings.ASSAY_BROKER_URL:
        yield ok("None is needed: workers look for work in the database.")
        return
    for found in readiness.check_broker():
        yield ok(found.says) if found.is_ok else fault(found.says, found.do)


@check("queues")
def queues(exam: Exam) -> Iterator[Seen]:
    """Work that is placed and that nobody takes: no worker serves its queue, or none has the files it needs."""
    if not settings.ASSAY_BROKER_URL:
        return
    late = Batch.objects.filter(state=Batch.State.PLACED, placed_at__lt=clock.now() - UNTAKEN)
    waiting = {batch.queue: batch for batch in late.order_by("-placed_at")}
    for queue, batch in waiting.items():
        needs = f" A machine needs {', '.join(batch.files)} for it." if batch.files else ""
        yield warning(
            f"The queue {queue} has work since {batch.placed_at:%Y-%m-%d %H:%M} UTC that nobody took.{needs}",
            "Start a worker on a machine that can do it, or see why the workers there are busy.",
        )
    if not waiting:
        yield ok("Nothing waits for long.")
