"""Accuracy and what it takes, as points with both intervals, and differences from a control."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.paired import sign_flip
from ..statistics.pareto import frontier
from ..statistics.savings import share_saved
from .base import Figure, Series
from .compared import Compared, accuracy, tokens
from .tested_rows import with_p_values
from .wording import describe_difference, percent, problems


def point(name: str, x: Estimate, y: Estimate) -> Series:
    return Series(name, [x.value], [y.value], [y.low], [y.high], n=y.n, lines=False, bars=True, x_low=[x.low], x_high=[x.high])


def joined(name: str, places: Mapping[str, tuple[Estimate, Estimate]], control: str) -> list[Series]:
    """Lines from the control's (x, y) to all others, drawn in one go as a star; none where there is no other."""
    start = places.get(control)
    ends = [place for key, place in places.items() if key != control]
    if start is None or not ends:
        return []
    way = [place for end in ends for place in (start, end)]
    return [Series(name, [x.value for x, _ in way], [y.value for _, y in way], markers=False)]


def frontier_line(points: Sequence[Series]) -> Series:
    """Through the points that no other one beats."""
    best = frontier((each.x[0], each.y[0]) for each in points)
    return Series("frontier", [x for x, _ in best], [y for _, y in best], dashed=True, markers=False)


def trade_off(groups: Sequence[Compared], control: str, rng: np.random.Generator) -> tuple[Figure, dict[str, Estimate]]:
    """Accuracy against tokens written per answer, every condition joined to its control; and the numbers in it."""
    points, lines, numbers = [], [], {}
    for group in groups:
        places = {}
        for key in group.begun():
            if shared := group.shared(control, key):
                name = f"{group.prefix}{group.labels[key]}"
                x, y = (bootstrap_mean(group.by_problem(key, shared, measure), rng) for measure in (tokens, accuracy))
                places[key] = (x, y)
                numbers |= {f"{name}: tokens": x, f"{name}: accuracy": y}
                points.append(point(name, x, y))
        lines += joined(f"{group.prefix}from control", places, control)
    best = frontier_line(points)
    lines += [best] * (len(best.x) > 1)
    axes = ("tokens written per answer, mean", "share of answers right")
    return Figure("Accuracy against length", *axes, [*points, *lines]), numbers


def differences(groups: Sequence[Compared], control: str, rng: np.random.Generator) -> dict[str, list]:
    """A table: every condition against its control, problem by problem; p of sign-flip tests, then by Holm over all rows."""
    rows, p_values = [], []
    for group in groups:
        for key in group.begun():
            if key != control and (shared := group.shared(control, key)):
                change = group.by_problem(key, shared, accuracy) - group.by_problem(control, shared, accuracy)
                saved = share_saved(*(group.by_problem(each, shared, tokens) for each in (control, key)), rng)
                p_values.append(sign_flip(change, rng))
                told = "–" if saved.value is None else percent(saved)
                difference = describe_difference(bootstrap_mean(change, rng))
                rows.append([f"{group.prefix}{group.labels[key]}", str(len(shared)), told, difference])
    return with_p_values([f"against {groups[0].labels[control]}", "problems", "tokens saved", "accuracy"], rows, p_values)


def effect(group: Compared, control: str, key: str, what: str, rng: np.random.Generator) -> tuple[str, dict[str, Estimate]]:
    """`what` was done in a sentence: tokens saved, accuracy before and after, and the paired difference."""
    shared = group.shared(control, key)
    before, after = (group.by_problem(each, shared, accuracy) for each in (control, key))
    saved = share_saved(*(group.by_problem(each, shared, tokens) for each in (control, key)), rng)
    difference, first, second = (bootstrap_mean(values, rng) for values in (after - before, before, after))
    sentence = (
        f"{what} {in_words(saved)}; accuracy {first.value:.2f} → {second.value:.2f} on {problems(len(shared))}, "
        f"difference {describe_difference(difference)}."
    )
    return sentence, {"tokens saved": saved, "accuracy without": first, "accuracy with": second, "difference": difference}


def in_words(saved: Estimate) -> str:
    """What a share of tokens saved is called; without a clear sign, no difference."""
    if saved.value is None:
        return "saves nothing, for the answers are empty anyway"
    if saved.low is not None and saved.low <= 0 <= saved.high:
        return f"makes no clear difference to the tokens ({percent(saved)} saved)"
    if saved.value > 0:
        return f"saves {percent(saved)} of the tokens"
    low, high = (None, None) if saved.low is None else (-saved.high, -saved.low)
    return f"takes {percent(Estimate(-saved.value, low, high, saved.n, saved.method))} more tokens"
