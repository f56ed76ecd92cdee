"""What is new in a run since a page last looked: plain functions over the stored rows, for pages and sockets alike."""

import re
from dataclasses import astuple, dataclass, replace
from typing import Self

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from ..models import Attempt, Grade, Run, Sample, WorkerDraft

# With several writers a row may become visible after one with a higher number. Looking back this many rows finds it:
# more than two writers' groups of ~100 ms at 2,000 samples/s. Seeing a row twice is harmless, pages swap by id.
OVERLAP = 500
# A page further behind than this loads faster anew than row by row.
MOST_ROWS = 5000
_CURSOR = re.compile(r"\d{1,18}(-\d{1,18}){4}")


@dataclass(frozen=True)
class Cursor:
    """How much of a run somebody has seen: the newest sample and grade, the revisions, and the sum of the run's counters.

    The sum tells that rows became visible below the newest number. As text, five whole numbers: "412-398-7-96-810".
    """

    sample: int = 0
    grade: int = 0
    revision: int = 0
    draft: int = 0
    counted: int = 0

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
    """New rows up to `cursor`, as row number -> the attempt's number, oldest first."""

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

    def without(self, earlier: Self) -> Self:
        """Leave out the rows that `earlier` already held because the two looks overlap."""
        return type(self)(
            self.cursor,
            {row: attempt for row, attempt in self.samples.items() if row not in earlier.samples},
            {row: attempt for row, attempt in self.grades.items() if row not in earlier.grades},
            self.failed_attempts - earlier.failed_attempts,
            self.run_changed,
            self.draft_changed,
        )


def head(run_id: int) -> Cursor | None:
    """The run's present cursor in one statement, hence one consistent view; None if there is no such run."""

    def newest(model) -> Coalesce:
        return Coalesce(Subquery(model.objects.filter(run=OuterRef("pk")).order_by("-id").values("id")[:1]), 0)

    counted = F("n_samples") + F("n_graded") + F("n_attempts_failed")
    revisions = WorkerDraft.objects.filter(run=OuterRef("pk")).order_by().values("run").values(total=Sum("revision"))
    draft = Coalesce(Subquery(revisions), 0)
    run = Run.objects.filter(pk=run_id).values_list(newest(Sample), newest(Grade), "revision", draft, counted)
    row = run.first()
    return None if row is None else Cursor(*row)


def changes_since(run_id: int, cursor: Cursor) -> Changes | None:
    """What is new, nothing if nothing is, or None where the page had better be loaded again: it is too far behind or ahead."""
    now = head(run_id)
    if now is None or cursor.is_ahead_of(now):
        return None
    if (now.sample, now.grade, now.counted) == (cursor.sample, cursor.grade, cursor.counted):
        changes = Changes(now, {}, {})
    else:
        changes = rows_around(run_id, cursor, now)
    if max(len(changes.samples), len(changes.grades)) > MOST_ROWS:
        return None
    return replace(changes, run_changed=now.revision != cursor.revision, draft_changed=now.draft != cursor.draft)


def rows_around(run_id: int, cursor: Cursor, now: Cursor) -> Changes:
    """The rows from OVERLAP before the cursor until now, at most one more than MOST_ROWS of each kind."""
    samples = Sample.objects.filter(run=run_id, id__gt=cursor.sample - OVERLAP, id__lte=now.sample).order_by("id")
    grades = Grade.objects.filter(run=run_id, id__gt=cursor.grade - OVERLAP, id__lte=now.grade).order_by("id")
    failures = Attempt.objects.filter(run=run_id, state=Attempt.State.FAILED).order_by("-position")
    return Changes(
        now,
        dict(samples.values_list("id", "attempt_id")[: MOST_ROWS + 1]),
        dict(grades.values_list("id", "sample__attempt_id")[: MOST_ROWS + 1]),
        frozenset(failures.values_list("pk", flat=True)[:20]),
    )
