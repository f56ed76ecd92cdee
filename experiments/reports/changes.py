"""What is new in a run since a page last looked: plain functions over the stored rows, for pages and sockets alike."""

import re
from dataclasses import astuple, dataclass
from typing import Self

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from ..models import Attempt, Grade, Run, Sample, WorkerDraft

# A page further behind than this loads faster anew than row by row.
MOST_ROWS = 5000
_CURSOR = re.compile(r"\d{1,18}(-\d{1,18}){4}")


@dataclass(frozen=True)
class Cursor:
    """How much of a run somebody has seen: the newest sample and grade, the revisions, and how many attempts had failed.

    A run's rows become visible in the order of their numbers, whoever writes them: see RunQuerySet.take_turns. `draft` is
    the sum over its workers. As text, five whole numbers: "412-398-7-96-2".
    """

    sample: int = 0
    grade: int = 0
    revision: int = 0
    draft: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return "-".join(map(str, astuple(self)))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The cursor that a page sent, or None for anything else."""
        return cls(*map(int, text.split("-"))) if _CURSOR.fullmatch(text) else None

    def is_ahead_of(self, other: Self) -> bool:
        """True for a cursor of another life of the database, such as before a backup was put back."""
        return any(mine > theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True))


@dataclass(frozen=True)
class Changes:
    """New rows up to `cursor`, as row number -> the attempt's number, oldest first.

    `failed_attempts` are all that have failed, where their number has grown.
    """

    cursor: Cursor
    samples: dict[int, int]
    grades: dict[int, int]
    failed_attempts: frozenset[int] = frozenset()
    run_changed: bool = False
    draft_changed: bool = False

    @property
    def attempts(self) -> list[int]:
        """Attempts that have new rows or failed, in the order of their first change."""
        return list(dict.fromkeys([*self.samples.values(), *self.grades.values(), *sorted(self.failed_attempts)]))


def head(run_id: int) -> Cursor | None:
    """The run's present cursor in one statement, hence one consistent view; None if there is no such run."""

    def newest(model) -> Coalesce:
        return Coalesce(Subquery(model.objects.filter(run=OuterRef("pk")).order_by("-id").values("id")[:1]), 0)

    revisions = WorkerDraft.objects.filter(run=OuterRef("pk")).order_by().values("run").values(total=Sum("revision"))
    draft = Coalesce(Subquery(revisions), 0)
    run = Run.objects.filter(pk=run_id).values_list(newest(Sample), newest(Grade), "revision", draft, "n_attempts_failed")
    row = run.first()
    return None if row is None else Cursor(*row)


def changes_since(run_id: int, cursor: Cursor) -> Changes | None:
    """What is new, nothing if nothing is, or None where the page had better be loaded again: it is too far behind or ahead."""
    now = head(run_id)
    if now is None or cursor.is_ahead_of(now):
        return None
    samples = _rows(Sample, run_id, cursor.sample, now.sample, "attempt_id")
    grades = _rows(Grade, run_id, cursor.grade, now.grade, "sample__attempt_id")
    if max(len(samples), len(grades)) > MOST_ROWS:
        return None
    failed = failed_attempts(run_id) if now.failed != cursor.failed else frozenset()
    return Changes(now, samples, grades, failed, now.revision != cursor.revision, now.draft != cursor.draft)


def failed_attempts(run_id: int) -> frozenset[int]:
    """The attempts that have failed: those of the run's last MOST_ROWS."""
    failed = Attempt.objects.filter(run=run_id, state=Attempt.State.FAILED).order_by("-finished_at")
    return frozenset(failed.values_list("pk", flat=True)[:MOST_ROWS])


def _rows(model, run_id: int, after: int, until: int, attempt: str) -> dict[int, int]:
    """At most one more than MOST_ROWS."""
    if after == until:
        return {}
    rows = model.objects.filter(run=run_id, id__gt=after, id__lte=until).order_by("id")
    return dict(rows.values_list("id", attempt)[: MOST_ROWS + 1])
