"""Find the best and the worst of many formats without asking everything: Thompson sampling, first upwards, then downwards.

Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design, 2023, as released, with two additions: a
guard where the original format gets everything right, and several draws at once, so that a model is kept busy.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

PRIOR_B = 5.0
LEAST_PRIOR_A = 1.1


class Pull(NamedTuple):
    """Ask for the items in places `start` to `stop` (exclusive) of the common order under this arm."""

    arm: int
    start: int
    stop: int


@dataclass(frozen=True)
class Search:
    """`n_arms` formats, the original first; the search goes over the first `n_items` of the common order.

    `n_further` items after them play no part in it: the original, the best and the worst are asked for those as well.
    `budget` counts evaluations, without those of the original and those that finish the best and the worst. `at_once`
    independent draws make one round.
    """

    n_arms: int
    n_items: int
    n_further: int = 0
    pull: int = 20
    budget: int = 40_000
    at_once: int = 1


@dataclass
class Tally:
    """Right answers and evaluations by arm, (arms,) each, over the search's own items."""

    right: np.ndarray
    asked: np.ndarray

    @property
    def rates(self) -> np.ndarray:
        """(arms,) with NaN where nothing was asked."""
        return np.where(self.asked > 0, self.right / np.maximum(self.asked, 1), np.nan)

    @property
    def best(self) -> int:
        return int(np.nanargmax(self.rates))

    @property
    def worst(self) -> int:
        return int(np.nanargmin(self.rates))

    def of(self, arm: int) -> tuple[float, int]:
        return float(self.right[arm]), int(self.asked[arm])


class Step(NamedTuple):
    """After so many charged evaluations the arms with the best and the worst rate, each as (right answers, evaluations)."""

    evaluations: int
    highest: tuple[float, int]
    lowest: tuple[float, int]


@dataclass
class Found:
    """The arms found; `best` is set after the upward phase, `worst` after the downward one. `trace` has a step a round."""

    best: int | None = None
    worst: int | None = None
    tally: Tally | None = None
    trace: list[Step] = field(default_factory=list)


def prior_a(rate: float, n: int) -> float:
    """The first parameter of every arm's Beta prior, whose mean is the original's rate on n items."""
    rate = min(rate, 1 - 1 / (2 * n))
    return max(LEAST_PRIOR_A, PRIOR_B * rate / (1 - rate))


def next_pull(tally: Tally, a: float, n_items: int, upwards: bool, rng: np.random.Generator) -> int | None:
    """The arm whose drawn rate is the highest (or lowest), None where every arm has had all items."""
    drawn = rng.beta(a + tally.right, PRIOR_B + tally.asked - tally.right)
    is_finished = tally.asked >= n_items
    if is_finished.all():
        return None
    drawn[is_finished] = -np.inf if upwards else np.inf
    return int(drawn.argmax() if upwards else drawn.argmin())


def pulls(search: Search, rng: np.random.Generator, found: Found) -> Generator[list[Pull], list[np.ndarray], None]:
    """Yields rounds of pulls and is sent, for each, (items,) shares right; `found` is filled in on the way.

    A pure stepwise policy: the same numbers from `rng` and the same results lead to the same pulls.
    """
    n_all = search.n_items + search.n_further
    (first,) = yield [Pull(0, 0, n_all)]
    tally = found.tally = Tally(np.zeros(search.n_arms), np.zeros(search.n_arms, dtype=int))
    _add(tally, 0, first[: search.n_items])
    a = prior_a(tally.rates[0], search.n_items)
    evaluations = 0
    for upwards in (True, False):
        steps = search.budget // (2 * search.pull)
        while steps > 0:
            wanted = _round(search, tally, a, upwards, min(steps, search.at_once), rng)
            if not wanted:
                break
            for pull, results in zip(wanted, (yield wanted), strict=True):
                _add(tally, pull.arm, results)
            steps -= len(wanted)
            evaluations += sum(pull.stop - pull.start for pull in wanted)
            found.trace.append(Step(evaluations, tally.of(tally.best), tally.of(tally.worst)))
        if upwards:
            found.best = tally.best
    found.worst = tally.worst
    rest = [Pull(arm, int(tally.asked[arm]), n_all) for arm in dict.fromkeys((found.best, found.worst)) if arm != 0]
    if rest := [pull for pull in rest if pull.start < pull.stop]:
        for pull, results in zip(rest, (yield rest), strict=True):
            _add(tally, pull.arm, results[: search.n_items - pull.start])


def _round(search: Search, tally: Tally, a: float, upwards: bool, n_draws: int, rng: np.random.Generator) -> list[Pull]:
    """Draws that do not know of each other's results; one that meets an arm again goes on where the other will end."""
    reached = tally.asked.copy()
    wanted: list[Pull] = []
    for _ in range(n_draws):
        known = Tally(tally.right, np.where(reached >= search.n_items, reached, tally.asked))
        arm = next_pull(known, a, search.n_items, upwards, rng)
        if arm is None:
            break
        start = int(reached[arm])
        stop = min(start + search.pull, search.n_items)
        reached[arm] = stop
        wanted.append(Pull(arm, start, stop))
    return wanted


def _add(tally: Tally, arm: int, results: np.ndarray) -> None:
    """What failed is NaN: asked for, and not right."""
    tally.right[arm] += np.nansum(results)
    tally.asked[arm] += len(results)


def replay(search: Search, rng: np.random.Generator, known: Callable[[Pull], np.ndarray | None]) -> tuple[Found, list[Pull]]:
    """What is found so far and what to ask for next, nothing at the end. `known` gives a pull's results, None before they are."""
    found = Found()
    policy = pulls(search, rng, found)
    wanted = next(policy)
    try:
        while True:
            results = [known(pull) for pull in wanted]
            if any(each is None for each in results):
                return found, wanted
            wanted = policy.send(results)
    except StopIteration:
        return found, []


def simulate(search: Search, ask: Callable[[Pull], np.ndarray], rng: np.random.Generator) -> Found:
    """Run the policy to its end on `ask(pull)`, (items,) shares right."""
    return replay(search, rng, ask)[0]
