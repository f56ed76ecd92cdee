"""Who said what of which item, as arrays: the rows behind agreement and behind the scores by people."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..models import Condition, Grade, HumanVerdict, ReviewSet, Sample
from .review_columns import grades_of

GRADER = "the grader"


@dataclass(frozen=True)
class RatedItem:
    """An item with the current verdicts by reviewer. `condition` and `grade` are of its text; of a pair, of the left one."""

    pk: int
    position: int
    sample: int
    other: int | None
    attempt: int
    run: int
    problem_key: str
    problem: tuple[str, str]
    condition: str
    other_condition: str
    grade: str | None
    other_grade: str | None
    verdicts: dict[str, HumanVerdict]

    @property
    def by_majority(self) -> str | None:
        """What most reviewers say who do say something; None where nobody does or two verdicts are as frequent."""
        votes = Counter(each.verdict for each in self.verdicts.values() if each.verdict != HumanVerdict.Verdict.UNSURE)
        ranked = votes.most_common(2)
        if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
            return None
        return str(ranked[0][0])

    @property
    def by_grader(self) -> str | None:
        """In the words of a reviewer; None where the grader made no judgement."""
        judged = (Grade.Verdict.CORRECT, Grade.Verdict.WRONG)
        if self.other is None:
            return self.grade if self.grade in judged else None
        if self.grade not in judged or self.other_grade not in judged:
            return None
        if self.grade == self.other_grade:
            return HumanVerdict.Verdict.TIE.value
        is_left = self.grade == Grade.Verdict.CORRECT
        return HumanVerdict.Verdict.LEFT.value if is_left else HumanVerdict.Verdict.RIGHT.value


class Ratings:
    """All items of a set in their order, by few queries."""

    def __init__(self, review_set: ReviewSet):
        self.review_set = review_set
        self.categories = [str(each) for each in review_set.allowed_verdicts if each != HumanVerdict.Verdict.UNSURE]
        self.items = _items(review_set)
        self.reviewers = sorted({name for item in self.items for name in item.verdicts})

    @cached_property
    def by_reviewers(self) -> np.ndarray:
        """(items, reviewers) places among the categories; NaN where there is no verdict, or “unsure”."""
        return self._places([[self._said(item, name) for name in self.reviewers] for item in self.items], len(self.reviewers))

    @cached_property
    def by_grader(self) -> np.ndarray:
        """(items,) places among the categories; NaN where the grader made no judgement."""
        return self._places([[item.by_grader] for item in self.items], 1)[:, 0]

    def scores(self, criterion: str) -> np.ndarray:
        """(items, reviewers) whole numbers as floats, NaN where none was given."""
        found = [[item.verdicts[name].scores.get(criterion) if name in item.verdicts else None for name in self.reviewers]
                 for item in self.items]  # fmt: skip
        return np.array(found, dtype=float).reshape(len(self.items), len(self.reviewers))

    def n_unsure(self, reviewer: str) -> int:
        return sum(self._said(item, reviewer) == HumanVerdict.Verdict.UNSURE for item in self.items)

    def _said(self, item: RatedItem, reviewer: str) -> str | None:
        return str(item.verdicts[reviewer].verdict) if reviewer in item.verdicts else None

    def _places(self, said: list[list[str | None]], width: int) -> np.ndarray:
        places = {category: float(place) for place, category in enumerate(self.categories)}
        found = [[places.get(each, np.nan) for each in row] for row in said]
        return np.array(found, dtype=float).reshape(len(said), width)


def _items(review_set: ReviewSet) -> list[RatedItem]:
    verdicts: dict[int, dict[str, HumanVerdict]] = defaultdict(dict)
    for verdict in review_set.verdicts().current():
        verdicts[verdict.item_id][verdict.reviewer] = verdict
    grades = {sample: grade.verdict for sample, grade in grades_of(review_set).items()}
    rows = review_set.items.order_by("position").values_list(
        *("pk", "position", "sample", "other", "sample__attempt", "sample__run", "sample__attempt__problem__key"),
        *("sample__attempt__problem__question", "sample__attempt__problem__answers"),
        *("sample__attempt__condition", "other__attempt__condition"),
    )
    found = list(rows)
    conditions = Condition.objects.in_bulk({pk for *_, mine, other in found for pk in (mine, other) if pk})
    names = {pk: f"{each.run_id}.{each.key}" for pk, each in conditions.items()}
    return [
        RatedItem(
            pk,
            position,
            sample,
            other,
            attempt,
            run,
            key,
            (question, repr(answers)),
            names[condition],
            names.get(other_condition, ""),
            grades.get(sample),
            grades.get(other),
            verdicts.get(pk, {}),
        )
        for pk, position, sample, other, attempt, run, key, question, answers, condition, other_condition in found
    ]


def indexes_of(samples: list[int]) -> dict[int, int]:
    """Sample -> its place inside its attempt, by which its page names it."""
    return dict(Sample.objects.filter(pk__in=samples).values_list("pk", "index"))
