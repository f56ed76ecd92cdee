"""Scores under the verdict of people, beside those by the grader, on the very same texts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..domain.seeds import rng
from ..models import Condition, Grade, HumanVerdict, ReviewSet
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean, wilson
from ..studies.wording import describe_difference
from .review_choosing import WAYS
from .review_ratings import RatedItem, Ratings, indexes_of

MOST_DIFFERENCES = 200
_CORRECT, _LEFT, _RIGHT = HumanVerdict.Verdict.CORRECT, HumanVerdict.Verdict.LEFT, HumanVerdict.Verdict.RIGHT


@dataclass(frozen=True)
class ConditionScore:
    """One condition on the texts that people settled: accuracy by the grader, by people, and theirs minus the grader's.

    A text that the grader did not judge (`n_no_judgement`) counts as not right for the grader, as in every accuracy.
    """

    name: str
    label: str
    n_texts: int
    n_no_judgement: int
    by_grader: Estimate
    by_people: Estimate
    difference: Estimate

    @property
    def in_words(self) -> str:
        return describe_difference(self.difference)


@dataclass(frozen=True)
class ConditionDifference:
    """The second condition minus the first on the problems reviewed under both, by the grader and by people."""

    first: str
    second: str
    by_grader: Estimate
    by_people: Estimate

    @property
    def grader_in_words(self) -> str:
        return describe_difference(self.by_grader)

    @property
    def people_in_words(self) -> str:
        return describe_difference(self.by_people)


@dataclass(frozen=True)
class Preference:
    """Pairs that people settled. `balance` is the mean over problems of +1 for the second condition, −1 for the first."""

    first: str
    second: str
    n_first: int
    n_second: int
    n_tied: int
    balance: Estimate
    left_share: Estimate

    @property
    def in_words(self) -> str:
        return describe_difference(self.balance)


@dataclass(frozen=True)
class Differing:
    """A text of which most reviewers say something else than the grader; `index` is its place inside the attempt."""

    item: RatedItem
    people: str
    index: int
    notes: list[tuple[str, str]]


@dataclass(frozen=True)
class Scores:
    n_settled: int
    n_open: int
    n_undecided: int
    conditions: list[ConditionScore]
    differences: list[ConditionDifference]
    preference: Preference | None
    differing: list[Differing]


def caution(review_set: ReviewSet) -> str:
    """Why the figures do not speak for the run; empty where the texts are a random sample of it."""
    if review_set.is_random:
        return ""
    how = WAYS[review_set.choice["how"]].label
    return (
        f"These texts were not drawn at random, but chosen: {how[0].lower()}{how[1:]}. The figures speak for them, not for the "
        "run."
    )


def scores(ratings: Ratings) -> Scores:
    """Of the items on which most reviewers agree; the others are counted."""
    settled = [(item, verdict) for item in ratings.items if (verdict := item.by_majority)]
    is_pairwise = ratings.review_set.is_pairwise
    labels = _labels(ratings.review_set)
    n_open = sum(not item.verdicts for item in ratings.items)
    return Scores(
        len(settled),
        n_open,
        len(ratings.items) - len(settled) - n_open,
        [] if is_pairwise else _conditions(ratings, settled, labels),
        [] if is_pairwise else _differences(ratings, settled, labels),
        _preference(ratings, settled, labels) if is_pairwise and settled else None,
        [] if is_pairwise else _differing(settled),
    )


Settled = list[tuple[RatedItem, str]]


def _conditions(ratings: Ratings, settled: Settled, labels: dict[str, str]) -> list[ConditionScore]:
    found = []
    for name, label in labels.items():
        own = [(item, verdict) for item, verdict in settled if item.condition == name]
        if not own:
            continue
        random = rng(ratings.review_set.seed, "scores", name)
        grader, people = (np.array([*each.values()]) for each in _by_problem(own))
        estimates = (_share(grader, random), _share(people, random), bootstrap_mean(people - grader, random))
        found.append(ConditionScore(name, label, len(own), sum(item.by_grader is None for item, _ in own), *estimates))
    return found


def _share(values: np.ndarray, random: np.random.Generator) -> Estimate:
    """Of one share per problem; whole ones are outcomes that Wilson's interval knows more of than resampling does."""
    if set(values.tolist()) <= {0.0, 1.0}:
        return wilson(int(values.sum()), len(values))
    return bootstrap_mean(values, random)


def _differences(ratings: Ratings, settled: Settled, labels: dict[str, str]) -> list[ConditionDifference]:
    """Of every further condition to the first one."""
    names = [name for name in labels if any(item.condition == name for item, _ in settled)]
    parts = {name: _by_problem([pair for pair in settled if pair[0].condition == name]) for name in names}
    found = []
    for name in names[1:]:
        shared = sorted(parts[names[0]][0].keys() & parts[name][0].keys())
        random = rng(ratings.review_set.seed, "differences", name)
        both = (
            bootstrap_mean(np.array([after[problem] - before[problem] for problem in shared]), random)
            for before, after in zip(parts[names[0]], parts[name], strict=True)
        )
        if shared:
            found.append(ConditionDifference(labels[names[0]], labels[name], *both))
    return found


def _by_problem(settled: Iterable[tuple[RatedItem, str]]) -> tuple[dict[tuple, float], dict[tuple, float]]:
    """Problem -> share of its texts that are right, by the grader and by people."""
    grader, people = defaultdict(list), defaultdict(list)
    for item, verdict in settled:
        grader[item.problem].append(item.grade == Grade.Verdict.CORRECT)
        people[item.problem].append(verdict == _CORRECT)
    return tuple({problem: float(np.mean(values)) for problem, values in each.items()} for each in (grader, people))


def _preference(ratings: Ratings, settled: Settled, labels: dict[str, str]) -> Preference:
    first, second = labels
    votes = []
    for item, verdict in settled:
        better = {_LEFT: item.condition, _RIGHT: item.other_condition}.get(verdict)
        votes.append((item.problem, 0 if better is None else 1 if better == second else -1))
    by_problem = defaultdict(list)
    for problem, vote in votes:
        by_problem[problem].append(vote)
    balance = np.array([np.mean(values) for values in by_problem.values()])
    sided = [verdict for _, verdict in settled if verdict in (_LEFT, _RIGHT)]
    return Preference(
        labels[first],
        labels[second],
        *(sum(vote == wanted for _, vote in votes) for wanted in (-1, 1, 0)),
        bootstrap_mean(balance, rng(ratings.review_set.seed, "preference")),
        wilson(sum(verdict == _LEFT for verdict in sided), len(sided)),
    )


def _differing(settled: Settled) -> list[Differing]:
    other = [(item, verdict) for item, verdict in settled if item.by_grader and item.by_grader != verdict][:MOST_DIFFERENCES]
    indexes = indexes_of([item.sample for item, _ in other])
    return [
        Differing(item, verdict, indexes[item.sample], [(name, each.note) for name, each in item.verdicts.items() if each.note])
        for item, verdict in other
    ]


def _labels(review_set: ReviewSet) -> dict[str, str]:
    """Condition's name -> how it is called, in the order in which they were chosen."""
    runs = {name.partition(".")[0] for name in review_set.conditions}
    found = {f"{each.run_id}.{each.key}": each.label for each in Condition.objects.filter(run__in=runs)}
    return {name: f"Run {name.partition('.')[0]}: {found.get(name, name)}" for name in review_set.conditions}
