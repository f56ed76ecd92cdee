"""Arms side by side on the problems they share: differences with intervals and tests, and ties."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..statistics.estimates import Estimate
from ..statistics.ranks import RankInterval
from .arm_data import Asked
from .arms import METRICS, Arm, Outcomes
from .compared_pairs import CORRECTIONS, Pair, pairs_of
from .shared_draws import SharedDraws

MOST_ARMS = 12


@dataclass(frozen=True)
class ArmResult:
    """`group` numbers the arms that cannot be told apart: 1 holds the best one and all that are tied with it.

    `rank` tells how sure its place is, by resampling problems; None for a single one.
    """

    arm: Arm
    value: Estimate
    tokens: float
    outcomes: Outcomes
    group: int
    rank: RankInterval | None


@dataclass(frozen=True)
class Wanted:
    """How arms are compared. `k` and `verifier` default to what all arms have.

    `cluster` is a column of the data whose values tell which problems belong together; by default each stands for itself.
    With `leave_out` the problems of these identities do not count.
    """

    metric: str = "mean"
    k: int | None = None
    verifier: str | None = None
    correction: str = "holm"
    cluster: str | None = None
    leave_out: frozenset[str] = frozenset()


class Comparison:
    """At least two arms under one metric. Raises InvalidInput where they cannot be compared, saying why.

    `pairs` are all pairs, `results` the arms, best first. Every interval comes from the same resampled problems or clusters.
    """

    def __init__(self, arms: Sequence[Arm], wanted: Wanted = Wanted()):
        if len(arms) < 2:
            raise InvalidInput("A comparison needs at least two conditions: choose another one.")
        if len(arms) > MOST_ARMS:
            raise InvalidInput(f"{len(arms)} conditions are too many to read side by side: choose at most {MOST_ARMS}.")
        for names, name, what in ((METRICS, wanted.metric, "metric"), (CORRECTIONS, wanted.correction, "correction")):
            if name not in names:
                raise InvalidInput(f"There is no {what} “{name}”. Choose one of {', '.join(names)}.")
        self.arms = list(arms)
        for letter, arm in zip(ascii_uppercase, arms, strict=False):
            arm.letter = letter
        self.wanted = wanted
        self.metric = wanted.metric
        self.largest_k = min(arm.n_samples for arm in arms)
        self.verifiers = [each for each in arms[0].verifiers if all(each in arm.verifiers for arm in arms)]
        self.k = self._checked_k(wanted.k)
        self.verifier = self._checked_verifier(wanted.verifier)
        values = [arm.values(self.metric, self.k, self.verifier) for arm in arms]
        self.problems = sorted(set.intersection(*map(set, values)) - wanted.leave_out)
        self.n_problems_in_all = len(set.union(*map(set, values)) - wanted.leave_out)
        if not self.problems:
            raise InvalidInput("These conditions share no finished problem, so nothing can be compared by problem.")
        self.values = np.array([[value[problem] for problem in self.problems] for value in values])
        self.rng = rng("compare", *(arm.name for arm in arms), self.metric, self.k)
        self.draws = SharedDraws(self.values, self._clusters(wanted.cluster), self.rng)
        self.pairs = pairs_of(self.arms, self.draws, wanted.correction, self.rng)
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

    @property
    def correction_in_words(self) -> str:
        return CORRECTIONS[self.wanted.correction].partition(":")[0]

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

    def asked(self, problem: str) -> Asked:
        """The problem as it stands in the first arm's data."""
        return self.arms[0].data.problems[problem]

    def _clusters(self, column: str | None) -> np.ndarray:
        """(problems,) number of each one's cluster."""
        if not column:
            return np.arange(len(self.problems))
        cells = [str(self.asked(problem).metadata.get(column, "")) for problem in self.problems]
        if not any(cells):
            raise InvalidInput(f"The problems have no column “{column}” to be clustered by.")
        return np.unique([cell or f" {place}" for place, cell in enumerate(cells)], return_inverse=True)[1]

    def _results(self) -> list[ArmResult]:
        """Best first."""
        clear = {frozenset((pair.first, pair.second)) for pair in self.pairs if pair.is_clear}
        ranked = self.draws.ranks()
        results, leader, group = [], None, 0
        for i in np.argsort(-self.values.mean(axis=1), kind="stable").tolist():
            arm = self.arms[i]
            if leader is None or frozenset((leader, arm)) in clear:
                leader, group = arm, group + 1
            outcomes = arm.outcomes()
            tokens = outcomes.tokens if self.metric == "chosen" else arm.mean_tokens() * self.k
            results.append(ArmResult(arm, self.draws.mean(i), tokens, outcomes, group, ranked[i]))
        return results
