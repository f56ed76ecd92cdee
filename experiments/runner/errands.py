"""What people ask of workers beside runs: truth tests, measurements, trials, scorings and regradings.

Where Celery places the work, a message tells a worker that can do it which one waits; the worker takes it from the database.
"""

from dataclasses import dataclass

from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from ..inference.base import Backend, backends
from ..models import Measurement, Regrading, Scoring, Trial, TruthTest
from .frozen import FrozenRun
from .queues import ERRANDS, errands_of
from .routes import place_of

#: Told of at a time; the others are told of when these have been taken.
MOST_AT_ONCE = 50

Row = TruthTest | Measurement | Trial | Scoring | Regrading


@dataclass(frozen=True)
class Errand:
    """One that waits, and the queue of those who can do it."""

    kind: str
    pk: int
    queue: str


def waiting() -> list[Errand]:
    """The oldest of each kind."""
    rows = {
        "truth_test": _queued(TruthTest),
        "measurement": _queued(Measurement),
        "trial": _queued(Trial),
        "scoring": _free(Scoring),
        "regrading": _free(Regrading),
    }
    return [Errand(kind, row.pk, _queue_of(row)) for kind, found in rows.items() for row in found.order_by("pk")[:MOST_AT_ONCE]]


def _queued(model: type) -> QuerySet:
    return model.objects.filter(state=model.State.QUEUED).select_related("language_model")


def _free(model: type) -> QuerySet:
    expired = Q(state=model.State.RUNNING, lease_until__lt=Now())
    return model.objects.filter(Q(state=model.State.QUEUED) | expired).select_related("run")


def _queue_of(row: Row) -> str:
    try:
        queue, _ = place_of(_asked(row))
    except DatabaseError:
        raise
    except Exception:
        queue = ERRANDS  # whoever takes it says what is wrong with it; the others must not wait for that
    return errands_of(queue)


def _asked(row: Row) -> list[Backend]:
    """The language models that it needs together."""
    if isinstance(row, Regrading):
        return []
    if isinstance(row, Scoring):
        run = FrozenRun(row.run, row)
        return [run.backends[name] for name in sorted(run.judges)]
    if isinstance(row, Measurement):
        return [backends.build(row.language_model.backend, row.language_model.params)]
    return [backends.build(row.backend, row.params)]
