"""Who kept to the limit, by how much the others went over it, and what was cut off or could not be read."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_bands, bootstrap_mean
from ..statistics.ratios import ratio
from .base import Figure, Finding, Series
from .brevity_arms import Arm, Group
from .wording import describe, percent

_BINS = 24
COLUMNS = [
    *("condition", "problems", "answers within the limit", "length by limit", "cut off", "without an answer"),
    *("accuracy, cut off is wrong", "accuracy, cut off left out"),
]


def compliance_finding(groups: Sequence[Group], rng: np.random.Generator) -> Finding:
    """Compliance of the answers that ended, apart from whether they are right."""
    sentences, numbers, rows = [], {}, []
    for group, arm in _finished(groups):
        found = _measured(group, arm, sorted(group.pools[arm.key]), rng)
        name = f"{group.prefix}{arm.label}"
        numbers |= {f"{name}: {each}": estimate for each, estimate in found.items() if estimate.value is not None}
        rows.append([name, str(len(group.pools[arm.key])), *(_cell(found.get(column)) for column in COLUMNS[2:])])
        if arm.most is not None:
            sentences.append(_sentence(name, arm, found))
    figure = _histogram(groups, rng)
    details = {"table": {"columns": COLUMNS, "rows": rows}}
    return Finding("compliance", "Keeping to the limit", " ".join(sentences), numbers, figure, details)


def _finished(groups: Sequence[Group]) -> Iterator[tuple[Group, Arm]]:
    return ((group, arm) for group in groups for arm in group.arms if group.pools.get(arm.key))


def _measured(group: Group, arm: Arm, problems: Sequence[str], rng: np.random.Generator) -> dict[str, Estimate]:
    """By column. What is cut off neither keeps the limit nor breaks it."""
    pools = [group.pools[arm.key][problem] for problem in problems]
    cut = group.by_problem(arm.key, problems, "truncated")
    silent = np.array([np.mean(np.concatenate([(pool.answers < 0) & ~pool.truncated for pool in each])) for each in pools])
    right = np.array([sum(pool.correct.sum() for pool in each) for each in pools], dtype=float)
    whole = np.array([sum((~pool.truncated).sum() for pool in each) for each in pools], dtype=float)
    found = {
        "cut off": bootstrap_mean(cut, rng),
        "without an answer": bootstrap_mean(silent, rng),
        "accuracy, cut off is wrong": bootstrap_mean(group.by_problem(arm.key, problems, "correct"), rng),
        "accuracy, cut off left out": ratio(right, whole, rng),
    }
    if arm.most is None:
        return found
    lengths = [each for each in group.lengths(arm.key, problems, arm.unit) if len(each)]
    found["answers within the limit"] = bootstrap_mean(np.array([np.mean(each <= arm.most) for each in lengths]), rng)
    found["length by limit"] = bootstrap_mean(np.array([np.mean(each / arm.most) for each in lengths]), rng)
    return found


def _cell(estimate: Estimate | None) -> str:
    return "–" if estimate is None or estimate.value is None else describe(estimate)


def _sentence(name: str, arm: Arm, found: dict[str, Estimate]) -> str:
    kept = found["answers within the limit"]
    if kept.value is None:
        return f"{name}: every answer was cut off, so none can be held against the limit."
    return (
        f"{name}: {percent(kept)} of the answers that ended keep to {arm.most:,} {arm.unit}; their mean length is "
        f"{describe(found['length by limit'])} times the limit; {percent(found['cut off'])} were cut off."
    )


def _histogram(groups: Sequence[Group], rng: np.random.Generator) -> Figure | None:
    """Words of the answers that ended, a line for each condition; the limits in words are marked."""
    pairs = list(_finished(groups))
    lengths = [group.lengths(arm.key, sorted(group.pools[arm.key]), "words") for group, arm in pairs]
    everything = np.concatenate([each for problems in lengths for each in problems])
    if not len(everything):
        return None
    marks = _marks([arm for _, arm in pairs if arm.unit == "words"])
    top = max(2 * max(marks.values()), float(np.quantile(everything, 0.95)))
    width = max(1.0, np.ceil(top / _BINS))
    series = [_bins(f"{group.prefix}{arm.label}", each, width, rng) for (group, arm), each in zip(pairs, lengths, strict=True)]
    title = f"Words per answer, in steps of {width:.0f}; the last one holds all that are longer"
    drawn = [each for each in series if each]
    return Figure(title, "words", "share of the answers that ended", drawn, y_range=None, x_marks=marks)


def _marks(arms: Sequence[Arm]) -> dict[str, float]:
    """Limits by name; those at one place share it."""
    names: dict[int, list[str]] = {}
    for arm in arms:
        names.setdefault(arm.most, []).extend([arm.label] * (arm.label not in names.get(arm.most, [])))
    return {", ".join(labels): float(most) for most, labels in names.items()}


def _bins(name: str, lengths: Sequence[np.ndarray], width: float, rng: np.random.Generator) -> Series | None:
    """Shares by bin, drawn in the bin's middle: 1 to `width` words, then as many more; problems count alike."""
    places = [np.minimum(np.maximum(np.ceil(each / width).astype(int) - 1, 0), _BINS - 1) for each in lengths if len(each)]
    if not places:
        return None
    shares = np.array([np.bincount(each, minlength=_BINS) / len(each) for each in places])
    mean, low, high, n = bootstrap_bands(shares, rng)
    x = (np.arange(_BINS) * width + (width + 1) / 2).tolist()
    ends = {} if low is None else {"low": low.tolist(), "high": high.tolist()}
    return Series(name, x, mean.tolist(), n=n, markers=False, **ends)
