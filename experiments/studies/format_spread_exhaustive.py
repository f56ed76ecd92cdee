"""What a format study says where every format was asked every problem."""

from collections.abc import Sequence

import numpy as np

from ..domain.formats.grammar import Grammar
from ..statistics.estimates import Estimate
from ..statistics.format_spread import NullSpread, Spread, accuracy, null_spread, picked_and_measured, spread
from ..statistics.two_way import two_way_mean
from .base import Finding
from .format_spread_figures import expected_figure, strip_figure, strip_series
from .format_spread_formats import FormatList
from .format_spread_groups import Group
from .format_spread_other import other_findings
from .format_spread_shown import extremes_finding
from .format_spread_split import Split
from .wording import describe, points, problems

#: With fewer finished formats there is no spread to speak of.
FEWEST_FORMATS = 3


def exhaustive_findings(
    groups: Sequence[Group], grammar: Grammar, formats: FormatList, split: Split, rng: np.random.Generator
) -> list[Finding]:
    """The headline with its strip, best and worst, how wide more formats would spread, and what answered something else."""
    begun = [(group, *group.finished(list(formats.sampled))) for group in groups]
    begun = [(group, keys, shared) for group, keys, shared in begun if len(keys) >= FEWEST_FORMATS and len(shared) > 1]
    if not begun:
        return [Finding("headline", "Format spread", f"Fewer than {FEWEST_FORMATS} formats are finished, so there is no spread.")]
    sentences, numbers, series, further, expected, rows = [], {}, [], [], [], []
    for group, keys, shared in begun:
        right = group.matrix(keys, shared)
        accuracies = right.mean(axis=1)
        found, null = spread(accuracies), null_spread(right, rng)
        mean = two_way_mean(right, rng)
        sentences.append(group.prefix + _told(found, null, mean, len(keys)))
        numbers |= {f"{group.prefix}{name}": estimate for name, estimate in _numbers(found, null, mean).items()}
        series += strip_series(group, right, null, rng)
        expected.append((group, accuracies))
        rows += _rows(group, formats, keys, right, rng)
        picking, measuring = split.halves(shared)
        if picking and measuring:
            extremes = picked_and_measured(group.matrix(keys, picking), group.matrix(keys, measuring), rng)
            best, worst = keys[extremes.best], keys[extremes.worst]
            further.append(extremes_finding(group, grammar, formats, best, worst, extremes, len(picking)))
    return [
        Finding("headline", "Format spread", " ".join(sentences), numbers),
        *further,
        Finding("strip", "Accuracy over formats", _STRIP, figure=strip_figure(series), details={"folded": _all_formats(rows)}),
        Finding("expected", "Spread against the number of formats", _EXPECTED, figure=expected_figure(expected, rng)),
        *other_findings(groups, formats, rng),
    ]


def _rows(group: Group, formats: FormatList, keys: list[str], right: np.ndarray, rng: np.random.Generator) -> list[list[str]]:
    """Of every format, from the highest accuracy to the lowest, what it is and how it did."""
    order = np.argsort(-right.mean(axis=1), kind="stable")
    found = [(keys[place], describe(accuracy(right[place], rng))) for place in order]
    return [[group.prefix + formats.name(key), told, str(right.shape[1]), formats.all[key].describe()] for key, told in found]


def _all_formats(rows: list[list[str]]) -> dict:
    table = {"columns": ["Format", "Accuracy", "Problems", "What is unusual about it"], "rows": rows}
    return {"title": "All formats", "table": table}


def _told(found: Spread, null: NullSpread, mean: Estimate, n_formats: int) -> str:
    corrected = found.value - null.percentile_95
    start = (
        f"Accuracy spreads over {points(found.value)} between {n_formats} formats on {problems(mean.n)}, from {found.lowest:.2f} "
        f"to {found.highest:.2f} (mean {describe(mean)}, median {found.median:.2f}, quartiles {found.lower_quartile:.2f} and "
        f"{found.upper_quartile:.2f}). Formats that make no difference spread over up to {points(null.percentile_95)} "
        "in 95% of cases"
    )
    if corrected > 0:
        return f"{start}: {points(corrected)} are beyond that (p = {null.p:.3f})."
    return f"{start}: no clear effect of the format (p = {null.p:.2f})."


def _numbers(found: Spread, null: NullSpread, mean: Estimate) -> dict[str, Estimate]:
    n, chance = mean.n, "answers permuted among formats within problems"
    return {
        "mean over formats": mean,
        "spread": Estimate(found.value, None, None, n, "largest minus smallest"),
        "95th percentile by chance": Estimate(null.percentile_95, None, None, n, chance),
        "spread beyond chance": Estimate(found.value - null.percentile_95, None, None, n, chance),
    }


_STRIP = (
    "Every format's accuracy with its 95% interval, from the lowest to the highest, beside the band in which the sorted "
    "accuracies of equally good formats lie in 95% of cases."
)
_EXPECTED = "How wide so many of these formats would spread, drawn at random from them, with the middle 95% of the draws."
