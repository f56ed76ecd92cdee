"""Arms side by side on the problems they share: differences with intervals and tests, and ties."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.paired import holm, mcnemar_mid_p, sign_flip
from ..statistics.power import problems_needed, smallest_detectable
from ..studies.wording import describe_difference, is_clear
from .arms import METRICS, Arm, Outcomes

LEVEL = 0.05
MOST_ARMS = 12


@dataclass(frozen=True)
class ArmResult:
    """`group` numbers the arms that cannot be told apart: 1 holds the best one and all that are tied with it."""

    arm: Arm
    value: Estimate
    tokens: float
    outcomes: Outcomes
    group: int


@dataclass(frozen=True)
class Pair:
    """`second` minus `first` over the shared problems. `p_adjusted` is Holm's over all pairs on the page.

    `only_first` and `only_second` count the problems on which one is better; `more_problems` is how many more it would
    take to tell the observed difference from zero, None where it is told already or there is none.
    """

    first: Arm
    second: Arm
    difference: Estimate
    test: str
    p: float
    p_adjusted: float
    only_first: int
    only_second: int
    more_problems: int | None
    detectable: float

    @property
    def is_clear(self) -> bool:
        return is_clear(self.difference) and self.p_adjusted <= LEVEL

    @property
    def in_words(self) -> str:
        if is_clear(self.difference) and not self.is_clear:
            text = describe_difference(self.difference)
            return f"{text}: no clear difference, since p = {self.p_adjusted:.3f} after correction"
        return describe_difference(self.difference)


class Comparison:
    """At least two arms under one metric. Raises InvalidInput where they cannot be compared, saying why.

    `k` and `verifier` default to what all arms have. All differences are against the first arm.
    """

    def __init__(self, arms: Sequence[Arm], metric: str = "mean", k: int | None = None, verifier: str | None = None):
        if len(arms) < 2:
            raise InvalidInput("A comparison needs at least two conditions: choose another one.")
        if len(arms) > MOST_ARMS:
            raise InvalidInput(f"{len(arms)} conditions are too many to read side by side: choose at most {MOST_ARMS}.")
        if metric not in METRICS:
            raise InvalidInput(f"There is no metric “{metric}”. Choose one of {', '.join(METRICS)}.")
        self.arms = list(arms)
        for letter, arm in zip(ascii_uppercase, arms, strict=False):
            arm.letter = letter
        self.metric = metric
        self.largest_k = min(arm.n_samples for arm in arms)
        self.verifiers = [each for each in arms[0].verifiers if all(each in arm.verifiers for arm in arms)]
        self.k = self._checked_k(k)
        self.verifier = self._checked_verifier(verifier)
        values = [arm.values(metric, self.k, self.verifier) for arm in arms]
        self.problems = sorted(set.intersection(*map(set, values)))
        self.n_problems_in_all = len(set.union(*map(set, values)))
        if not self.problems:
            raise InvalidInput("These conditions share no finished problem, so nothing can be compared by problem.")
        self.values = np.array([[value[problem] for problem in self.problems] for value in values])
        self.rng = rng("compare", *(arm.name for arm in arms), metric, self.k)
        self.pairs = self._pairs()
        self.results = self._results()

    @property
    def in_words(self) -> str:
        """The headline."""
        best = [f"{result.arm.letter}: {result.arm.condition.label}" for result in self.results if result.group == 1]
        what = self.metric_in_words
        if len(best) == len(self.arms):
            return f"By {what}, no clear difference between the {len(best)} conditions on {len(self.problems)} problems."
        if len(best) == 1:
            return f"By {what}, “{best[0]}” is clearly best on {len(self.problems)} problems."
        tied = "”, “".join(best)
        share = f"{len(best)} of {len(self.arms)} conditions"
        return f"By {what}, {share} are tied at the top on {len(self.problems)} problems: “{tied}”."

    @property
    def metric_in_words(self) -> str:
        words = METRICS[self.metric]
        return words.replace(" k ", f" {self.k} ").replace("a verifier", (self.verifier or "a verifier").replace("_", " "))

    def pair_with(self, name: str | None) -> Pair:
        """The pair of the first arm and the one of this name; by default the second."""
        return next((pair for pair in self.pairs if pair.first is self.arms[0] and pair.second.name == name), self.pairs[0])

    def rows(self, pair: Pair) -> tuple[np.ndarray, np.ndarray]:
        """The values of both arms, problem by problem."""
        return self.values[self.arms.index(pair.first)], self.values[self.arms.index(pair.second)]

    def _checked_k(self, k: int | None) -> int:
        if self.metric in ("mean", "chosen"):
            return 1
        if not self.largest_k:
            raise InvalidInput("One of these conditions has no finished pool of samples yet.")
        if k is not None and not 1 <= k <= self.largest_k:
            raise InvalidInput(f"k must be between 1 and {self.largest_k}, which all conditions have; {k} is not.")
        return k or self.largest_k

    def _checked_verifier(self, verifier: str | None) -> str | None:
        if self.metric != "best":
            return None
        if not self.verifiers:
            raise InvalidInput("These conditions have no verifier in common, so “best of k by a verifier” cannot be compared.")
        if verifier is not None and verifier not in self.verifiers:
            raise InvalidInput(f"Not all conditions were scored by “{verifier}”. All were by {', '.join(self.verifiers)}.")
        return verifier or self.verifiers[0]

    def _pairs(self) -> list[Pair]:
        """Of every arm with every later one; those with the first come first."""
        places = [(i, j) for i in range(len(self.arms)) for j in range(i + 1, len(self.arms))]
        differences = [self.values[j] - self.values[i] for i, j in places]
        tests = [self._test(each) for each in differences]
        adjusted = holm([p for _, p in tests])
        return [
            self._pair(self.arms[i], self.arms[j], difference, *test, p_adjusted)
            for (i, j), difference, test, p_adjusted in zip(places, differences, tests, adjusted, strict=True)
        ]

    def _test(self, difference: np.ndarray) -> tuple[str, float]:
        if set(np.unique(difference).tolist()) <= {-1.0, 0.0, 1.0}:
            return "McNemar, mid-p", mcnemar_mid_p(int((difference < 0).sum()), int((difference > 0).sum()))
        return "sign-flip permutation", sign_flip(difference, self.rng)

    def _pair(self, first: Arm, second: Arm, difference: np.ndarray, test: str, p: float, p_adjusted: float) -> Pair:
        estimate = bootstrap_mean(difference, self.rng)
        mean_square = float((difference**2).mean())
        needed = problems_needed(estimate.value, mean_square)
        told = is_clear(estimate) and p_adjusted <= LEVEL
        more = None if told or math.isinf(needed) else max(1, math.ceil(needed) - len(difference))
        return Pair(
            first,
            second,
            estimate,
            test,
            p,
            p_adjusted,
            int((difference < 0).sum()),
            int((difference > 0).sum()),
            more,
            smallest_detectable(len(difference), mean_square),
        )

    def _results(self) -> list[ArmResult]:
        """Best first."""
        clear = {frozenset((pair.first, pair.second)) for pair in self.pairs if pair.is_clear}
        order = np.argsort(-self.values.mean(axis=1), kind="stable").tolist()
        results, leader, group = [], None, 0
        for i in order:
            arm = self.arms[i]
            if leader is None or frozenset((leader, arm)) in clear:
                leader, group = arm, group + 1
            outcomes = arm.outcomes()
            tokens = outcomes.tokens if self.metric == "chosen" else arm.mean_tokens() * self.k
            results.append(ArmResult(arm, bootstrap_mean(self.values[i], self.rng), tokens, outcomes, group))
        return results
