"""Which texts of which conditions are put before people, and in which order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.db.models import Count, Q

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..models import Attempt, Condition, Grade, Sample, User
from .arms import arms_called
from .compared_parts import FLIP
from .comparison import Comparison
from .problem_rows import LOW_MARGIN

#: More is no reading any more, and a file of them would be too large to be sent around.
MOST_ITEMS = 5000
MOST_CONDITIONS = 12

_NO_JUDGEMENT = (Grade.Verdict.UNPARSED, Grade.Verdict.TRUNCATED, Grade.Verdict.TIMED_OUT, Grade.Verdict.FAILED)


class Text(NamedTuple):
    """An answer that was handed in, and where it stands."""

    sample: int
    attempt: int
    condition: int
    problem: int


class Item(NamedTuple):
    """What becomes one review item; `other` is the right text of a pair."""

    sample: int
    other: int | None = None


@dataclass(frozen=True)
class Wish:
    """What somebody wants reviewed. `conditions` are names such as "12.model1-variant1"; `at_most` None takes all found."""

    conditions: tuple[str, ...]
    how: str = "all"
    is_pairwise: bool = False
    texts_per_attempt: int = 1
    at_most: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Chosen:
    """`items` in the order of review; `n_found` is how many there were to draw them from."""

    items: list[Item]
    n_found: int

    @property
    def in_words(self) -> str:
        if len(self.items) == self.n_found:
            return f"{self.n_found:,} to review."
        return f"{len(self.items):,} to review, drawn at random from {self.n_found:,}."


def choose(wish: Wish, user: User | None = None) -> Chosen:
    """The items, in an order drawn from the seed, of what `user` may know of; None is the program itself.

    Raises InvalidInput where the wish cannot be met, or finds nothing.
    """
    if wish.how not in WAYS:
        raise InvalidInput(f"There is no way of choosing called “{wish.how}”. Choose one of {', '.join(WAYS)}.")
    conditions = conditions_called(wish.conditions, user)
    if wish.is_pairwise and len(conditions) != 2:
        raise InvalidInput(f"Pairs are made from two conditions; {len(conditions)} are chosen.")
    fits = WAYS[wish.how].rule(conditions)
    texts = _answers(conditions)
    if wish.is_pairwise:
        found = _pairs(texts, conditions, fits, wish)
    else:
        found = [Item(text.sample) for text in _first_of_each((text for text in texts if fits(text)), wish.texts_per_attempt)]
    if not found:
        raise InvalidInput(f"These conditions have nothing to choose: {WAYS[wish.how].nothing}.")
    # The order of the draw is the order of review, so that neither number nor place tells the condition.
    order = rng(wish.seed, "review order").permutation(len(found)).tolist()
    items = [found[place] for place in order[: wish.at_most]]
    if len(items) > MOST_ITEMS:
        raise InvalidInput(f"{len(items):,} items are too many for one review set: choose at most {MOST_ITEMS:,}.")
    return Chosen(items, len(found))


def conditions_called(names: Iterable[str], user: User | None = None) -> list[Condition]:
    """Raises InvalidInput naming the first that is not there for this user."""
    found = []
    for name in dict.fromkeys(names):
        run, _, key = name.partition(".")
        number = int(run) if run.isdecimal() and len(run) < 10 else None
        condition = Condition.objects.visible_to(user).filter(run=number, key=key).select_related("run").first()
        if condition is None:
            raise InvalidInput(f"There is no condition “{name}”. It takes a run's number and a condition's key.")
        found.append(condition)
    if not 1 <= len(found) <= MOST_CONDITIONS:
        raise InvalidInput(f"Choose between 1 and {MOST_CONDITIONS} conditions; {len(found)} are chosen.")
    return found


def _answers(conditions: Sequence[Condition]) -> list[Text]:
    """Those that the runs' own graders saw, of finished attempts; of each attempt the strategy's choice first."""
    found = []
    for condition in conditions:
        rows = (
            Sample.objects.filter(attempt__condition=condition, attempt__state=Attempt.State.DONE)
            .filter(grades__grader=condition.run.config["grader"]["key"])
            .values_list("pk", "attempt_id", "attempt__problem_id", "attempt__position", "index", "attempt__chosen_id")
        )
        ranked = sorted(rows, key=lambda row: (row[3], row[0] != row[5], row[4]))
        found += [Text(sample, attempt, condition.pk, problem) for sample, attempt, problem, *_ in ranked]
    return found


def _first_of_each(texts: Iterable[Text], n: int) -> list[Text]:
    """Up to n texts of each attempt; all of them for 0."""
    taken: dict[int, int] = defaultdict(int)
    kept = []
    for text in texts:
        taken[text.attempt] += 1
        if not n or taken[text.attempt] <= n:
            kept.append(text)
    return kept


def _pairs(texts: list[Text], conditions: Sequence[Condition], fits: Callable[[Text], bool], wish: Wish) -> list[Item]:
    """Texts of the same problem side by side, where either fits; a draw decides which is the left one."""
    identity = _same_problem(conditions)
    sides = [defaultdict(list), defaultdict(list)]
    for text in _first_of_each(texts, wish.texts_per_attempt):
        sides[text.condition == conditions[1].pk][identity[text.problem]].append(text)
    pairs = [
        (mine, other)
        for problem in sides[0]
        for mine, other in zip(sides[0][problem], sides[1].get(problem, []), strict=False)
        if fits(mine) or fits(other)
    ]
    swapped = rng(wish.seed, "review sides").random(len(pairs)) < 0.5
    return [
        Item(other.sample, mine.sample) if swap else Item(mine.sample, other.sample)
        for (mine, other), swap in zip(pairs, swapped, strict=True)
    ]


def _same_problem(conditions: Sequence[Condition]) -> dict[int, tuple[str, str]]:
    """Problem -> what makes it the same one in another version of its dataset."""
    rows = Attempt.objects.filter(condition__in=conditions).values_list("problem_id", "problem__question", "problem__answers")
    return {pk: (question, repr(answers)) for pk, question, answers in rows}


def _all(conditions: Sequence[Condition]) -> Callable[[Text], bool]:
    return lambda text: True


def _graders_disagree(conditions: Sequence[Condition]) -> Callable[[Text], bool]:
    wanted = set(
        Grade.objects.filter(sample__attempt__condition__in=conditions)
        .order_by()
        .values("sample")
        .annotate(n=Count("verdict", distinct=True))
        .filter(n__gte=2)
        .values_list("sample", flat=True)
    )
    return lambda text: text.sample in wanted


def _flips(conditions: Sequence[Condition]) -> Callable[[Text], bool]:
    """The mean of a problem's texts differs by half or more between the two."""
    if len(conditions) != 2:
        raise InvalidInput(f"Flips are between two conditions; {len(conditions)} are chosen.")
    comparison = Comparison(arms_called(f"{each.run_id}.{each.key}" for each in conditions))
    changed = np.flatnonzero(np.abs(comparison.values[1] - comparison.values[0]) >= FLIP).tolist()
    attempts = [arm.attempts_by_problem() for arm in comparison.arms]
    flipped = [found[comparison.problems[place]] for place in changed for found in attempts]
    # By problem, for a flip concerns all repeats.
    wanted = set(Attempt.objects.filter(pk__in=flipped).values_list("problem", flat=True))
    return lambda text: text.problem in wanted


def _low_margin(conditions: Sequence[Condition]) -> Callable[[Text], bool]:
    close = Attempt.objects.filter(condition__in=conditions, vote_margin__range=(-LOW_MARGIN, LOW_MARGIN))
    wanted = set(close.values_list("pk", flat=True))
    return lambda text: text.attempt in wanted


def _no_judgement(conditions: Sequence[Condition]) -> Callable[[Text], bool]:
    own = Q()
    for condition in conditions:
        own |= Q(sample__attempt__condition=condition, grader=condition.run.config["grader"]["key"])
    wanted = set(Grade.objects.filter(own, verdict__in=_NO_JUDGEMENT).values_list("sample", flat=True))
    return lambda text: text.sample in wanted


class Way(NamedTuple):
    """A way of choosing: how a menu names it, the rule it makes for some conditions, and what it means to find nothing."""

    label: str
    rule: Callable[[Sequence[Condition]], Callable[[Text], bool]]
    nothing: str


WAYS = {
    "all": Way("All texts, or n of them at random", _all, "no finished attempt has an answer yet"),
    "graders_disagree": Way("Texts that graders disagree on", _graders_disagree, "no text has differing verdicts by two graders"),
    "flips": Way("Problems that flip between two conditions", _flips, "no problem changed by half or more"),
    "low_margin": Way("Problems with a close vote", _low_margin, f"no vote was within {LOW_MARGIN}"),
    "no_judgement": Way("Texts that failed, were cut off or have no answer", _no_judgement, "the grader judged every text"),
}
