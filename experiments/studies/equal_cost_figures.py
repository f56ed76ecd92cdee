"""Figures of the comparison of strategies: accuracy against every cost, against the budget, and against temperature."""

from collections import defaultdict
from collections.abc import Sequence

from ..statistics.costs import AXES
from ..statistics.pareto import frontier
from .base import Figure, Finding, Series
from .equal_cost_arms import Arm, Group, words
from .wording import problems

ACCURACY = "share of problems answered"


def axis_figures(groups: Sequence[Group]) -> list[Finding]:
    """One for every cost that is known and differs, the one that ranks first."""
    first = groups[0].axis
    known = [axis for axis in AXES if _is_drawable(groups, axis)]
    return [_axis_figure(groups, axis) for axis in sorted(known, key=lambda axis: axis != first)]


def _is_drawable(groups: Sequence[Group], axis: str) -> bool:
    costs = {arm.costs[axis] for group in groups for arm in group.arms if _has_cost(arm, axis)}
    pools_known = all(_has_cost(arm, axis) for group in groups for arm in group.arms if arm.strategy == "pool")
    return pools_known and len(costs) > 1


def _has_cost(arm: Arm, axis: str) -> bool:
    """Whether it has a place on a logarithmic axis: a budget that is too small for anything costs nothing."""
    return (arm.costs[axis] or 0) > 0


def _axis_figure(groups: Sequence[Group], axis: str) -> Finding:
    """The pool's curves as lines, the strategies as points, and the Pareto frontier of what uses no oracle through them."""
    series = []
    for group in groups:
        prefix = f"{group.label}: " if group.label else ""
        names = {
            "mean": "",
            "majority": "majority of k",
            "best": f"best of k by {words(group.verifier)}",
            "oracle": "any of k (oracle)",
        }
        for selector, name in names.items():
            if name and selector in group.pool.curves.values:
                series.append(_pool_line(group, selector, axis, prefix + name))
        strategies = [arm for arm in group.arms if arm.strategy != "pool" and _has_cost(arm, axis)]
        series += [_points([arm], axis, f"{prefix}{arm.label}") for arm in strategies]
        series.append(_frontier(group, axis, f"{prefix}Pareto frontier"))
    n = max(len(group.problems) for group in groups)
    title = f"Accuracy against {AXES[axis]}"
    figure = Figure(f"{title}, {problems(n)}", AXES[axis], ACCURACY, series, x_log=True)
    sentence = (
        "Lines are the pool's samples under a selector, points are strategies; bars and bands are 95% intervals over problems. "
        "Above and left of a line is better than it at equal cost. The Pareto frontier joins what nothing beats in both, oracles "
        "left aside."
    )
    return Finding(f"cost-{axis}", title, sentence, figure=figure)


def _pool_line(group: Group, selector: str, axis: str, name: str) -> Series:
    xs = [group.pool.cost(axis, group.intensity, k, selector == "best") for k in group.pool.curves.ks]
    mean, low, high, n = group.bands[selector]
    band = {} if low is None or high is None else {"low": low.tolist(), "high": high.tolist()}
    return Series(name, xs, mean.tolist(), n=n, dashed=selector == "oracle", markers=False, **band)


def _points(arms: Sequence[Arm], axis: str, name: str) -> Series:
    """Strategies along a cost, joined where there are several."""
    arms = sorted(arms, key=lambda arm: arm.costs[axis])
    return Series(
        name,
        [arm.costs[axis] for arm in arms],
        [arm.accuracy.value for arm in arms],
        [arm.accuracy.low for arm in arms],
        [arm.accuracy.high for arm in arms],
        n=arms[0].accuracy.n,
        bars=True,
    )


def _frontier(group: Group, axis: str, name: str) -> Series:
    """Strategies and every k of the pool, under the selectors that use no oracle."""
    points = [(arm.costs[axis], arm.accuracy.value) for arm in group.arms if not arm.uses_oracle and _has_cost(arm, axis)]
    for selector in ("mean", "majority", "best", "weighted"):
        if selector in group.bands:
            judged = selector in ("best", "weighted")
            costs = [group.pool.cost(axis, group.intensity, k, judged) for k in group.pool.curves.ks]
            points += zip(costs, group.bands[selector].mean.tolist(), strict=True)
    best = frontier(points)
    return Series(name, [x for x, _ in best], [y for _, y in best], n=len(group.problems), dashed=True)


def budget_finding(groups: Sequence[Group]) -> Finding | None:
    """Accuracy against the budget N of each strategy, where it had several."""
    series = []
    for group in groups:
        lines = defaultdict(list)
        for arm in group.arms:
            if (n := budget_of(arm)) is not None:
                lines[_without_budget(arm)].append((n, arm))
        for name, points in lines.items():
            points.sort(key=lambda point: point[0])
            if len({n for n, _ in points}) > 1:
                estimates = [arm.accuracy for _, arm in points]
                series.append(
                    Series(
                        f"{group.label}: {name}" if group.label else name,
                        [n for n, _ in points],
                        [each.value for each in estimates],
                        [each.low for each in estimates],
                        [each.high for each in estimates],
                        n=len(group.problems),
                    )
                )
        if series:
            series.append(_pool_by_k(group))
    if not series:
        return None
    figure = Figure("Accuracy against the budget N", "budget N", ACCURACY, series, x_log=True)
    sentence = "The same strategy with more answers, beams or particles. Equal N is not equal cost: the figures above tell that."
    return Finding("budgets", "Accuracy against the budget", sentence, figure=figure)


def _pool_by_k(group: Group) -> Series:
    mean, low, high, n = group.bands[group.selector]
    band = {} if low is None or high is None else {"low": low.tolist(), "high": high.tolist()}
    name = f"{group.label}: {group.reference}" if group.label else group.reference
    return Series(name, list(group.pool.curves.ks), mean.tolist(), n=n, dashed=True, markers=False, **band)


def budget_of(arm: Arm) -> int | None:
    """The N that the strategy was given, by the name it has for it."""
    params = arm.setting.strategy.params
    if arm.strategy == "pool":
        return None
    return next((params[name] for name in ("n", "width", "particles") if name in params), None)


def _without_budget(arm: Arm) -> str:
    return ", ".join(part for part in arm.label.split(", ") if not part.startswith("N = "))


def decoding_finding(groups: Sequence[Group]) -> Finding | None:
    """Accuracy against temperature, a line for each strategy and top-p; against top-p where only that was varied."""
    for option, title in (("temperature", "temperature"), ("top_p", "top-p")):
        values = {getattr(group.arms[0].setting.decoding, option) for group in groups}
        if len(values) > 1:
            return _decoding_figure(groups, option, title)
    return None


def _decoding_figure(groups: Sequence[Group], option: str, title: str) -> Finding:
    lines: dict[str, list[tuple[float, Arm]]] = defaultdict(list)
    for group in groups:
        setting = group.arms[0].setting
        other = f"top-p {setting.decoding.top_p:g}" if option == "temperature" else ""
        where = ", ".join(each for each in (setting.language_model, setting.variant, other) if each)
        for arm in group.arms:
            # The labels of strategies end with what tells the settings apart.
            name = arm.label if arm.strategy == "pool" else arm.label.rpartition(" (")[0] or arm.label
            lines[f"{name}: {where}"].append((getattr(setting.decoding, option), arm))
    series = []
    for name, points in lines.items():
        points.sort(key=lambda point: point[0])
        found = [arm.accuracy for _, arm in points]
        xs, ys = [value for value, _ in points], [each.value for each in found]
        series.append(Series(name, xs, ys, [each.low for each in found], [each.high for each in found], n=found[0].n))
    figure = Figure(f"Accuracy against {title}", title, ACCURACY, series)
    sentence = (
        f"Every strategy at each {title}. A {title} picked from this figure is picked by the answers: "
        "measure it again on other problems before you claim what it reaches."
    )
    return Finding("decoding", f"Accuracy against {title}", sentence, figure=figure)
