"""Whether models agree on which formats are good, and whether the format decides which of them looks better."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.format_agreement import rank_correlation, reversals
from .base import Finding, HeatMap
from .format_spread_formats import FormatList
from .format_spread_groups import Group
from .wording import describe

#: Fewer formats cannot be ranked in any way that means something.
FEWEST_FORMATS = 5
#: A heat map says more than sentences from so many models on.
_MAPPED = 3


def models_findings(groups: Sequence[Group], formats: FormatList, threshold: float, rng: np.random.Generator) -> list[Finding]:
    """Of every two models (or variants): how the formats' ranks agree, and how often the better one changes with the format."""
    sentences, numbers, correlations = [], {}, {}
    for first, second in combinations(groups, 2):
        pair = _accuracies(first, second, formats)
        if pair is None:
            continue
        ranks, changing = rank_correlation(*pair, rng), reversals(*pair, rng, threshold)
        name = f"{first.name} and {second.name}"
        correlations[first.key, second.key] = ranks
        numbers |= {f"{name}: rank correlation": ranks, f"{name}: reversals": changing}
        sentences.append(
            f"{name}: {_agreement(ranks)}; which of them is better changes in a share of {describe(changing)} of the pairs of "
            f"formats, leads of up to {100 * threshold:g} points not counted."
        )
    if not sentences:
        return []
    shown = _heat_map(groups, correlations) if len(groups) >= _MAPPED else None
    return [Finding("models", "Between models", " ".join(sentences), numbers, shown)]


def _accuracies(first: Group, second: Group, formats: FormatList) -> tuple[np.ndarray, np.ndarray] | None:
    """(formats,) accuracies of both over the same formats and problems."""
    done = [group.finished(list(formats.sampled)) for group in (first, second)]
    keys = [key for key in done[0][0] if key in done[1][0]]
    shared = sorted(set(done[0][1]) & set(done[1][1]))
    if len(keys) < FEWEST_FORMATS or not shared:
        return None
    return first.matrix(keys, shared).mean(axis=1), second.matrix(keys, shared).mean(axis=1)


def _agreement(ranks: Estimate) -> str:
    if ranks.value is None:
        return "the formats cannot be ranked, for under one of them all are equally good"
    clear = "" if ranks.excludes_zero else ", no clear agreement"
    return f"their accuracies over {ranks.n} formats have a rank correlation of {describe(ranks)}{clear}"


def _heat_map(groups: Sequence[Group], correlations: dict[tuple[str, str], Estimate]) -> HeatMap:
    def cell(first: Group, second: Group) -> Estimate | None:
        return correlations.get((first.key, second.key)) or correlations.get((second.key, first.key))

    cells = [[cell(first, second) for second in groups] for first in groups]
    names = [group.name for group in groups]
    return HeatMap(
        "Agreement on formats",
        "",
        "",
        "rank correlation",
        names,
        names,
        [[each and each.value for each in row] for row in cells],
        [[each and each.low for each in row] for row in cells],
        [[each and each.high for each in row] for row in cells],
        n=max(each.n for each in correlations.values()),
        around_zero=True,
    )
