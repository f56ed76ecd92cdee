"""Arms side by side on the problems they share: differences with intervals and tests, and ties."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..statistics.clustered import BY_CLUSTER, cluster_sums
from ..statistics.corrections import benjamini_hochberg, max_t
from ..statistics.estimates import Estimate
from ..statistics.intervals import BY_PROBLEM, bootstrap_means, middle, percentile_estimate
from ..statistics.paired import holm, mcnemar_mid_p, sign_flips
from ..statistics.power import problems_needed, smallest_detectable
from ..statistics.ranks import RankInterval, ranks_of
from ..studies.wording import describe_difference, is_clear
from .arm_data import Asked
from .arms import METRICS, Arm, Outcomes

LEVEL = 0.05
MOST_ARMS = 12
RESAMPLES = 10_000
CORRECTIONS = {
    "holm": "Holm: no false claim on the page",
    "max_t": "max-T: the same, by permutation of all comparisons together",
    "bh": "Benjamini–Hochberg: few false ones among the claims, for screening",
}


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
class Pair:
    """`second` minus `first` over the shared problems. `p_adjusted` is corrected for all pairs on the page.

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

    All differences are against the first arm. Every interval comes from the same resampled problems, or clusters of them.
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
        self.clusters = self._clusters(wanted.cluster)
        self._drawn = self._draw()
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

    @property
    def n_clusters(self) -> int:
        return int(self.clusters.max()) + 1

    def _draw(self) -> np.ndarray | None:
        """(RESAMPLES, arms) means on resampled clusters of problems; None for a single one."""
        if self.n_clusters < 2:
            return None
        drawn = bootstrap_means(cluster_sums(self.values.T, self.clusters), self.rng, RESAMPLES)
        return drawn[:, :-1] / drawn[:, -1:]

    def _estimate(self, value: float, drawn: np.ndarray | None) -> Estimate:
        found = percentile_estimate(value, drawn, self.n_clusters)
        method = BY_PROBLEM if self.n_clusters == len(self.problems) else BY_CLUSTER
        return Estimate(value, found.low, found.high, len(self.problems) if method == BY_PROBLEM else self.n_clusters, method)

    def _pairs(self) -> list[Pair]:
        """Of every arm with every later one; those with the first come first."""
        places = [(i, j) for i in range(len(self.arms)) for j in range(i + 1, len(self.arms))]
        differences = np.column_stack([self.values[j] - self.values[i] for i, j in places])
        tests, p_values = self._tests(differences)
        adjusted = self._adjusted(p_values, differences)
        return [self._pair(places[c], differences[:, c], tests[c], p_values[c], adjusted[c]) for c in range(len(places))]

    def _tests(self, differences: np.ndarray) -> tuple[list[str], list[float]]:
        """Signs are flipped by cluster; McNemar's test is for problems that stand each for itself."""
        by_cluster = cluster_sums(differences, self.clusters)[:, :-1]
        names = ["sign-flip permutation"] * differences.shape[1]
        p_values = sign_flips(by_cluster, self.rng)
        for column, difference in enumerate(differences.T):
            if self.n_clusters == len(difference) and np.isin(difference, (-1.0, 0.0, 1.0)).all():
                names[column] = "McNemar, mid-p"
                p_values[column] = mcnemar_mid_p(int((difference < 0).sum()), int((difference > 0).sum()))
        return names, p_values

    def _adjusted(self, p_values: list[float], differences: np.ndarray) -> list[float]:
        if self.wanted.correction == "max_t":
            return max_t(cluster_sums(differences, self.clusters)[:, :-1], self.rng)
        return (holm if self.wanted.correction == "holm" else benjamini_hochberg)(p_values)

    def _pair(self, place: tuple[int, int], difference: np.ndarray, test: str, p: float, p_adjusted: float) -> Pair:
        i, j = place
        drawn = None if self._drawn is None else self._drawn[:, j] - self._drawn[:, i]
        estimate = self._estimate(float(difference.mean()), drawn)
        mean_square = float((difference**2).mean())
        needed = problems_needed(estimate.value, mean_square)
        told = is_clear(estimate) and p_adjusted <= LEVEL
        more = None if told or math.isinf(needed) else max(1, math.ceil(needed) - len(difference))
        return Pair(
            self.arms[i],
            self.arms[j],
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
        means = self.values.mean(axis=1)
        ranked = [None] * len(self.arms) if self._drawn is None else ranks_of(means, self._drawn, middle(self.n_clusters))
        results, leader, group = [], None, 0
        for i in np.argsort(-means, kind="stable").tolist():
            arm = self.arms[i]
            if leader is None or frozenset((leader, arm)) in clear:
                leader, group = arm, group + 1
            outcomes = arm.outcomes()
            tokens = outcomes.tokens if self.metric == "chosen" else arm.mean_tokens() * self.k
            value = self._estimate(float(means[i]), None if self._drawn is None else self._drawn[:, i])
            results.append(ArmResult(arm, value, tokens, outcomes, group, ranked[i]))
        return results
