"""What changes under another grader: verdict by verdict, text by text, and in the accuracy of every condition."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..models import Grade, Regrading, Run, Sample
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..studies.wording import describe, describe_difference

MOST_FLIPS = 200
_RIGHT = Grade.Verdict.CORRECT


@dataclass(frozen=True)
class Marked:
    """A grader that marked the run's answers; `regrading` is None for the run's own. `n` of its answers are marked."""

    key: str
    name: str
    params: dict
    n: int
    n_correct: int
    regrading: Regrading | None


@dataclass(frozen=True)
class ConditionUnder:
    """One condition's accuracy of single samples under both graders, problem by problem."""

    label: str
    before: Estimate
    after: Estimate
    difference: Estimate

    @property
    def in_words(self) -> str:
        return f"{describe(self.before)} → {describe(self.after)}: {describe_difference(self.difference)}"


@dataclass(frozen=True)
class GradeFlip:
    """A text that one grader found correct and the other did not."""

    sample: Sample
    before: Grade
    after: Grade

    @property
    def is_gain(self) -> bool:
        return self.after.verdict == _RIGHT


@dataclass(frozen=True)
class GradeFlips:
    """`verdicts` counts (before, after); `flips` are the first MOST_FLIPS of `n_gained` + `n_lost`."""

    before: str
    after: str
    n: int
    n_gained: int
    n_lost: int
    verdicts: list[tuple[str, str, int]]
    conditions: list[ConditionUnder]
    flips: list[GradeFlip]

    @property
    def in_words(self) -> str:
        if not self.n_gained + self.n_lost:
            return f"Of {self.n:,} answers none turns from right to wrong or back."
        return (
            f"Of {self.n:,} answers {self.n_gained:,} turn from wrong to right and {self.n_lost:,} from right to wrong: "
            f"{(self.n_gained + self.n_lost) / self.n:.1%} flip."
        )


def graders_of(run: Run) -> list[Marked]:
    """The run's own grader, then those that marked it later, in their order."""
    counts = {grader: (n, right) for grader, n, right in _counts(run)}
    own = run.config["grader"]
    later = list(run.regradings.order_by("pk"))
    found = [Marked(own["key"], own["name"], own["params"], *counts.get(own["key"], (0, 0)), None)]
    return found + [Marked(each.key, each.grader, each.params, *counts.get(each.key, (0, 0)), each) for each in later]


def _counts(run: Run) -> list[tuple[str, int, int]]:
    rows = Grade.objects.filter(run=run).order_by().values("grader")
    return list(rows.annotate(n=Count("pk"), right=Count("pk", filter=Q(verdict=_RIGHT))).values_list("grader", "n", "right"))


def grade_flips(run: Run, before: str, after: str) -> GradeFlips:
    """Over the answers that both graders marked. Raises InvalidInput where there is none."""
    columns = ("sample_id", "verdict", "sample__attempt__condition__label", "sample__attempt__problem__key")
    first = {sample: rest for sample, *rest in Grade.objects.filter(run=run, grader=before).order_by().values_list(*columns)}
    second = dict(Grade.objects.filter(run=run, grader=after).order_by().values_list("sample_id", "verdict"))
    both = [sample for sample in first if sample in second]
    if not both:
        raise InvalidInput(f"No answer of run {run.pk} is marked by both “{before}” and “{after}” yet.")
    verdicts = Counter((first[sample][0], second[sample]) for sample in both)
    changed = sorted(sample for sample in both if (first[sample][0] == _RIGHT) != (second[sample] == _RIGHT))
    gained = sum(second[sample] == _RIGHT for sample in changed)
    return GradeFlips(
        before,
        after,
        len(both),
        gained,
        len(changed) - gained,
        [(*pair, n) for pair, n in verdicts.most_common()],
        _conditions(run, {sample: (*first[sample], second[sample]) for sample in both}),
        _shown(changed[:MOST_FLIPS], before, after),
    )


def _conditions(run: Run, told: dict[int, tuple[str, str, str, str]]) -> list[ConditionUnder]:
    by_problem: dict[str, dict[str, list[tuple[bool, bool]]]] = defaultdict(lambda: defaultdict(list))
    for before, condition, problem, after in told.values():
        by_problem[condition][problem].append((before == _RIGHT, after == _RIGHT))
    draw = rng(run.seed, "graders")
    found = []
    for label in sorted(by_problem):
        rows = np.array([np.mean(pairs, axis=0) for pairs in by_problem[label].values()])
        estimates = [bootstrap_mean(column, draw) for column in (rows[:, 0], rows[:, 1], rows[:, 1] - rows[:, 0])]
        found.append(ConditionUnder(label, *estimates))
    return found


def _shown(samples: list[int], before: str, after: str) -> list[GradeFlip]:
    rows = Sample.objects.filter(pk__in=samples).defer("logprobs").select_related("attempt__problem", "attempt__condition")
    marks = {
        (grade.sample_id, grade.grader): grade for grade in Grade.objects.filter(sample__in=samples, grader__in=(before, after))
    }
    return [GradeFlip(row, marks[row.pk, before], marks[row.pk, after]) for row in rows.order_by("pk")]
