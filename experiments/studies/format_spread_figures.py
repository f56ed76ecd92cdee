"""The drawings of a format study."""

from collections.abc import Sequence

import numpy as np

from ..statistics.format_spread import NullSpread, accuracy, expected_spread
from ..statistics.intervals import wilson
from ..statistics.thompson import Found
from .base import Figure, Series
from .format_spread_groups import Group

ACCURACY = "share of answers right"
_SIZES = (2, 3, 5, 10, 20, 40, 80, 160, 320, 500)


def strip_series(group: Group, right: np.ndarray, null: NullSpread, rng: np.random.Generator) -> list[Series]:
    """The sorted accuracies of (formats, problems) with their intervals, and the band of equally good formats behind them."""
    n = right.shape[1]
    sorted_rows = right[np.argsort(right.mean(axis=1), kind="stable")]
    xs = [float(rank) for rank in range(1, len(right) + 1)]
    found = [accuracy(row, rng) for row in sorted_rows]
    return [
        Series(f"{group.prefix}by chance", xs, _list(null.middle), _list(null.low), _list(null.high), dashed=True, markers=False),
        Series(
            group.name,
            xs,
            [each.value for each in found],
            [each.low for each in found],
            [each.high for each in found],
            n=n,
            lines=False,
            bars=True,
        ),
    ]


def strip_figure(series: Sequence[Series]) -> Figure:
    return Figure("Accuracy over formats", "place of the format by accuracy", ACCURACY, list(series))


def expected_figure(accuracies: Sequence[tuple[Group, np.ndarray]], rng: np.random.Generator) -> Figure:
    """How wide so many formats spread."""
    series = []
    for group, values in accuracies:
        sizes = [size for size in _SIZES if size < len(values)] + [len(values)]
        found = expected_spread(values, sizes, rng)
        means, lows, highs = zip(*(found[size] for size in sizes), strict=True)
        name = "spread" if not group.prefix else group.name
        series.append(Series(name, [float(size) for size in sizes], list(means), list(lows), list(highs), n=len(values)))
    return Figure("Expected spread", "formats tried", "largest minus smallest accuracy", series, x_log=True, y_range=None)


def search_figure(found: Sequence[tuple[Group, Found]]) -> Figure:
    """The best and the worst rate seen against the answers asked for."""
    series = []
    for group, each in found:
        xs = [float(step.evaluations) for step in each.trace]
        for name in ("highest", "lowest"):
            seen = [wilson(*getattr(step, name)) for step in each.trace]
            ys, lows, highs = ([getattr(one, part) for one in seen] for part in ("value", "low", "high"))
            n = seen[-1].n if seen else 0
            series.append(Series(f"{group.prefix}{name} so far", xs, ys, lows, highs, n=n, markers=False))
    return Figure("The search", "answers asked for, without the original's", ACCURACY, series)


def _list(values: np.ndarray) -> list[float]:
    return values.tolist()
