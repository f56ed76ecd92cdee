"""What people do to runs and to the lists: each verb moves the thing and writes down who did it, if it moved."""

from django.db import models, transaction

from .access import User
from .audit import AuditEntry
from .runs import Run

Action = AuditEntry.Action


@transaction.atomic
def pause(by: User | None, run: Run) -> bool:
    """Whether the run could be paused."""
    return run.pause() and _recorded(by, Action.RUN_PAUSED, run)


@transaction.atomic
def resume(by: User | None, run: Run) -> bool:
    """Whether the run could go on."""
    return run.resume() and _recorded(by, Action.RUN_RESUMED, run)


@transaction.atomic
def cancel(by: User | None, run: Run) -> bool:
    """Whether the run could be stopped for good."""
    return run.cancel() and _recorded(by, Action.RUN_CANCELLED, run)


@transaction.atomic
def cap_spending(by: User | None, run: Run, cap: float | None) -> None:
    before = run.spending_cap
    run.cap_spending(cap)
    AuditEntry.objects.record(by, Action.RUN_CAP_CHANGED, run, cap=[before, cap])


@transaction.atomic
def archive(by: User | None, thing: models.Model, is_archived: bool) -> None:
    """Take a run, an experiment, a prompt, a dataset or a model off its list, or put it back."""
    thing.archived = is_archived
    thing.save(update_fields=["archived"])
    record_archived(by, thing)


def record_archived(by: User | None, thing: models.Model) -> None:
    AuditEntry.objects.record(by, Action.ARCHIVED if thing.archived else Action.UNARCHIVED, thing)


def _recorded(by: User | None, action: str, run: Run) -> bool:
    AuditEntry.objects.record(by, action, run)
    return True
