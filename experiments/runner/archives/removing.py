"""A run leaves the database once its archive was read back."""

from pathlib import Path

from django.db import transaction

from ...domain.errors import InvalidInput
from ...models import AuditEntry, ReviewSet, Run, Sample, Spending, VerifierScore
from .identity import fingerprint, portable_config
from .reading import Archive
from .scope import Scope, check_at_rest

_AT_A_TIME = 1000


def check_removable(run: Run) -> None:
    """Raises InvalidInput where deleting the run would take something along that its archive does not hold."""
    check_at_rest(run)
    if mixed := Scope(run).mixed_review_sets:
        raise InvalidInput(f"The review set “{mixed[0]}” holds texts of run {run.pk} and of others, so the run has to stay.")
    if Sample.objects.filter(reused_from__in=run.samples.values("pk")).exclude(run=run).exists():
        raise InvalidInput(f"Other runs hold copies of answers of run {run.pk}, so the run has to stay.")
    spending = Spending.objects.filter(run=run)
    if spending.today().totals()[0]:
        raise InvalidInput(f"Run {run.pk} cost something today, which the caps of today have to know. Remove it tomorrow.")
    if run.experiment.team_id and spending.this_month().totals()[0]:
        raise InvalidInput(f"Run {run.pk} cost something this month, which its team's cap has to know. Remove it next month.")


def remove_archived(run: Run, file: Path) -> None:
    """Delete the run with all that the file holds. Raises InvalidInput unless the file is right in every line."""
    check_removable(run)
    archive = Archive(file)
    archive.check()
    if archive.manifest.fingerprint != fingerprint(portable_config(run.config), run.seed, run.created_at):
        raise InvalidInput(f"{file} is not the archive of run {run.pk}. Nothing was removed.")
    n_samples = archive.manifest.members["samples.jsonl"].rows
    if n_samples != run.samples.count():
        raise InvalidInput(f"Run {run.pk} has changed since {file} was written. Nothing was removed.")
    with transaction.atomic():
        AuditEntry.objects.record(None, AuditEntry.Action.DELETED, run, archive=file.name, samples=n_samples)
        ReviewSet.objects.filter(pk__in=Scope(run).review_sets).delete()
        # A page at a time: Django looks at every row that goes.
        run.attempts.update(chosen=None)
        run.samples.filter(parent__isnull=False).update(parent=None)
        for rows in (run.grades, VerifierScore.objects.filter(sample__run=run), run.samples, run.calls, run.attempts):
            while page := list(rows.order_by().values_list("pk", flat=True)[:_AT_A_TIME]):
                rows.model.objects.filter(pk__in=page).delete()
        run.delete()
