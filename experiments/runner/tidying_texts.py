"""Taking the texts of old, archived runs out of the database, into a run archive first where the rule says so."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ..domain.errors import InvalidInput
from ..models import HumanVerdict, Regrading, RetentionRule, ReviewItem, ReviewSet, Run, Sample, Scoring, TextRemoval, clock
from .archives.writing import archive_run

PAGE = 500
#: A run with this tag is never touched.
KEEP = "keep"

_NOTHING = {"prefix": "", "text": "", "inserted": "", "reasoning": "", "refusal": "", "logprobs": None, "tokens": None}


def archive_folder() -> Path:
    return Path(settings.ASSAY_DATA_DIR) / "archives"


def check_has_texts(run: Run) -> None:
    """Raises InvalidInput where the retention rules took the run's texts, or began to."""
    removal = TextRemoval.objects.filter(run=run).first()
    if removal:
        where = f"They are in the archive {removal.archive}: read that in as a run and do it there." if removal.archive else ""
        raise InvalidInput(
            f"The texts of run {run.pk} were removed by the retention rules, so this cannot be done. {where}".strip()
        )


def sweepable_runs(moment: datetime) -> QuerySet:
    """Archived runs that ended before the moment, are not tagged to be kept, and with which nobody is at work."""
    ended = [Run.State.COMPLETED, Run.State.CANCELLED, Run.State.FAILED]
    old = Run.objects.filter(archived=True, state__in=ended, finished_at__lt=moment)
    busy = Scoring.State.QUEUED, Scoring.State.RUNNING, Scoring.State.PAUSED
    return (
        old.exclude(pk__in=Run.objects.filter(tags__name=KEEP).values("pk"))
        .exclude(pk__in=Scoring.objects.filter(state__in=busy).values("run"))
        .exclude(pk__in=Regrading.objects.filter(state__in=[Regrading.State.QUEUED, Regrading.State.RUNNING]).values("run"))
        .exclude(pk__in=_items_of_unfinished_reviews().values("sample__run"))
        .exclude(pk__in=_items_of_unfinished_reviews().filter(other__isnull=False).values("other__run"))
    )


def count(moment: datetime) -> int:
    return Sample.objects.filter(_has_text(), run__in=sweepable_runs(moment)).count()


def sweep(moment: datetime, rule: RetentionRule) -> Iterator[int]:
    """Run by run. One that was interrupted goes on, and is not archived again: its archive would lack what is gone."""
    for run in sweepable_runs(moment).exclude(text_removal__finished_at__isnull=False).order_by("pk"):
        removal = TextRemoval.objects.filter(run=run).first() or _begin(run, rule)
        last = 0
        while keys := list(run.samples.filter(_has_text(), pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PAGE]):
            last = keys[-1]  # what is done is not looked at again
            with transaction.atomic():
                Sample.objects.filter(pk__in=keys).update(**_NOTHING)
                TextRemoval.objects.filter(pk=removal.pk).update(n_samples=F("n_samples") + len(keys))
            yield len(keys)
        TextRemoval.objects.filter(pk=removal.pk).update(finished_at=clock.now())


def _begin(run: Run, rule: RetentionRule) -> TextRemoval:
    name = ""
    if rule.archives_first:
        archive_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"run-{run.pk}-texts-{clock.now():%Y%m%d}.zip"
        archive_run(run, archive_folder() / name)
        (archive_folder() / name).chmod(0o600)
    return TextRemoval.objects.create(run=run, archive=name)


def _has_text() -> Q:
    texts = ~Q(text="") | ~Q(prefix="") | ~Q(inserted="") | ~Q(reasoning="") | ~Q(refusal="")
    return texts | Q(logprobs__isnull=False) | Q(tokens__isnull=False)


def _items_of_unfinished_reviews() -> QuerySet:
    """Of review sets in which some item waits for its first verdict."""
    judged = HumanVerdict.objects.current().filter(item=OuterRef("pk"))
    waiting = ReviewItem.objects.filter(~Exists(judged))
    return ReviewItem.objects.filter(review_set__in=ReviewSet.objects.filter(items__in=waiting))
