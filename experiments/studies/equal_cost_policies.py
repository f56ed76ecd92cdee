"""What depends on difficulty: the best strategy by bin, chosen on other problems; chains against width; hindsight's frontier."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ..statistics.compute_optimal import cross_fit, two_folds
from ..statistics.difficulty import absolute_bins, quantile_bins
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.kinetics import frontier
from .base import Figure, Finding, Series
from .equal_cost_arms import Arm, Group, words
from .wording import describe_difference, problems

#: Below this many problems a fold has too few of a bin to choose a strategy by.
FEWEST_PROBLEMS = 20
ACCURACY = "share of problems answered"


def difficulty_finding(groups: Sequence[Group], rng: np.random.Generator) -> Finding | None:
    """Accuracy of every strategy by bin, and the cross-fitted policy against the best fixed strategy and best-of-N."""
    told = [(group, _Policy(group, rng)) for group in groups if _can_be_binned(group)]
    if not told:
        return None
    sentences, numbers, series = [], {}, []
    for group, policy in told:
        prefix = f"{group.label}: " if group.label else ""
        sentences.append(prefix + policy.sentence)
        numbers |= {prefix + name: estimate for name, estimate in policy.estimates.items()}
        series += [_by_bin(arm, policy.bins, prefix) for arm in policy.arms]
    figure = Figure("Accuracy by difficulty (oracle bins)", "difficulty bin, 1 the easiest (oracle)", ACCURACY, series)
    sentence = (
        f"{' '.join(sentences)} Bins are fifths of the problems by the share of right answers in one half of the pool (oracle) "
        "or by its mean verifier score (predicted); best-of-N is then read from the other half. What binning cost is not charged."
    )
    details = {"policies": {group.label or "all": policy.chosen for group, policy in told}}
    return Finding("difficulty", "By difficulty", sentence, numbers, figure, details)


def _can_be_binned(group: Group) -> bool:
    enough = len(group.problems) >= FEWEST_PROBLEMS and group.halves is not None
    return enough and len([arm for arm in group.ranked if arm.strategy != "pool"]) > 1


class _Policy:
    """Cross-fitted choices of one group among `arms`, which should have been given the same budget."""

    def __init__(self, group: Group, rng: np.random.Generator):
        halves = group.halves
        self.bins = quantile_bins(halves.success)
        held_out = Arm(
            group.reference, "pool", group.arms[0].setting, halves.reference, {}, Estimate(None, None, None, 0, ""), k=halves.k
        )
        self.arms = [arm for arm in group.ranked if arm.strategy != "pool"] + [held_out]
        accuracy = np.column_stack([arm.right for arm in self.arms])
        folds = two_folds(len(accuracy), rng)
        policies = {"oracle bins": self.bins}
        if halves.score is not None:
            policies["predicted bins"] = quantile_bins(halves.score)
        policies["absolute bins (oracle)"] = absolute_bins(halves.success)
        fixed = cross_fit(accuracy, np.ones(len(accuracy), dtype=int), folds)
        self.estimates = {"best fixed strategy": bootstrap_mean(fixed.accuracy, rng)}
        self.chosen: dict[str, dict[str, list[str]]] = {}
        sentences = []
        for name, bins in policies.items():
            found = cross_fit(accuracy, bins, folds)
            gain = bootstrap_mean(found.accuracy - fixed.accuracy, rng)
            over_pool = bootstrap_mean(found.accuracy - halves.reference, rng)
            self.estimates |= {
                f"policy by {name}": bootstrap_mean(found.accuracy, rng),
                f"policy by {name} − best fixed strategy": gain,
                f"policy by {name} − {group.reference}": over_pool,
            }
            self.chosen[name] = self._chosen(bins, found.chosen)
            sentences.append(f"by {name} {describe_difference(gain)}")
        self.sentence = (
            "Choosing the strategy for each bin on other problems (two-fold cross-fitting) against the best fixed one chosen the "
            f"same way, {problems(len(accuracy))}: {'; '.join(sentences)}."
        )

    def _chosen(self, bins: np.ndarray, chosen: np.ndarray) -> dict[str, list[str]]:
        """Bin -> what the two folds chose for it."""
        return {
            str(each): sorted({self.arms[i].label for i in chosen[bins == each] if i >= 0}) for each in np.unique(bins).tolist()
        }


def _by_bin(arm: Arm, bins: np.ndarray, prefix: str) -> Series:
    xs = np.unique(bins).tolist()
    return Series(f"{prefix}{arm.label}", xs, [float(arm.right[bins == each].mean()) for each in xs], n=len(bins))


def ratio_finding(groups: Sequence[Group]) -> Finding | None:
    """Chains against their length, where one strategy ran several shapes of the same product."""
    series = []
    for group in groups:
        shapes = defaultdict(list)
        for arm in group.arms:
            if (shape := _shape(arm)) is not None:
                shapes[arm.strategy, shape[0] * shape[1]].append((shape[1] / shape[0], arm))
        for (strategy, total), found in shapes.items():
            if len(found) > 1:
                found.sort(key=lambda each: each[0])
                name = f"{words(strategy)}, {total} answers"
                series.append(_along(f"{group.label}: {name}" if group.label else name, found))
                series += _along_in_bins(group, name, found)
    if not series:
        return None
    figure = Figure("Sequential against parallel", "answers per chain by chains (S / P)", ACCURACY, series, x_log=True)
    sentence = (
        "The same number of answers as many short chains (left) or few long ones (right), in all and by thirds of difficulty "
        "(oracle bins); a ratio picked from this figure is picked by the answers."
    )
    return Finding("ratio", "Sequential against parallel", sentence, figure=figure)


def _shape(arm: Arm) -> tuple[int, int] | None:
    """(chains, answers in each), by the names that chains of revisions and loops of refinement have for them."""
    params = arm.setting.strategy.params
    for chains, length in (("chains", "length"), ("width", "depth")):
        if chains in params and length in params:
            return params[chains], params[length]
    return None


def _along(name: str, found: list[tuple[float, Arm]]) -> Series:
    estimates = [arm.accuracy for _, arm in found]
    xs, ys = [ratio for ratio, _ in found], [each.value for each in estimates]
    return Series(name, xs, ys, [each.low for each in estimates], [each.high for each in estimates], n=estimates[0].n)


def _along_in_bins(group: Group, name: str, found: list[tuple[float, Arm]]) -> list[Series]:
    if group.halves is None or len(group.problems) < FEWEST_PROBLEMS:
        return []
    bins = quantile_bins(group.halves.success, 3)
    xs = [ratio for ratio, _ in found]
    return [
        Series(
            f"{name}, {word} (oracle bin)",
            xs,
            [float(arm.right[bins == each].mean()) for _, arm in found],
            n=int((bins == each).sum()),
            dashed=True,
        )
        for each, word in ((1, "easy"), (2, "middling"), (3, "hard"))
        if (bins == each).any()
    ]


def frontier_finding(groups: Sequence[Group]) -> Finding | None:
    """The best accuracy that every budget of eFLOPs buys: with one strategy for all, and in hindsight for each problem."""
    series = []
    for group in groups:
        known = [arm for arm in group.arms if not arm.uses_oracle and arm.by_problem is not None]
        arms = [arm for arm in known if arm.by_problem.min() > 0]
        if len(arms) < 2:
            continue
        found = frontier(np.column_stack([arm.right for arm in arms]), np.column_stack([arm.by_problem for arm in arms]))
        prefix, n = f"{group.label}: " if group.label else "", len(group.problems)
        xs = found.budgets.tolist()
        series.append(Series(f"{prefix}one strategy for all", xs, found.fixed.tolist(), n=n, markers=False))
        hindsight = f"{prefix}best for each problem in hindsight (oracle)"
        series.append(Series(hindsight, xs, found.by_problem.tolist(), n=n, dashed=True, markers=False))
    if not series:
        return None
    figure = Figure("What a budget of eFLOPs buys", "eFLOPs per problem", ACCURACY, series, x_log=True)
    sentence = (
        "The frontier over strategies under the cost law that counts reading the key-value cache (Kinetics, 2025). One strategy "
        "for all is affordable by its mean cost; the other line picks each problem's best in hindsight, with the answers known."
    )
    return Finding("frontier", "Frontier over eFLOPs", sentence, figure=figure)
