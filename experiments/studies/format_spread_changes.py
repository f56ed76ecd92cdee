"""What single changes of a format do, with their tests, and whether two changes go on in one direction."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ..domain.formats.format import shown
from ..statistics.atomic_changes import MONOTONE_BY_CHANCE, NOTABLE, Change, changes, monotone_share
from ..statistics.intervals import wilson
from .base import Figure, Finding, Series
from .format_spread_formats import FormatList, Step
from .format_spread_groups import Group
from .wording import describe, signed


def changes_findings(groups: Sequence[Group], formats: FormatList, rng: np.random.Generator) -> list[Finding]:
    """One finding for the single changes and one for the paths, over all models and variants; none before a change is done."""
    tested = [(group, step) for group in groups for step in _finished_steps(group, formats)]
    if not tested:
        return []
    pairs = [_pair(group, step) for group, step in tested]
    found = changes(pairs, rng)
    paths = [accuracies for group in groups for accuracies in _paths(group, formats)]
    return [_changes_finding(tested, found, formats), *([_paths_finding(np.array(paths))] if paths else [])]


def _changes_finding(tested: Sequence[tuple[Group, Step]], found: Sequence[Change], formats: FormatList) -> Finding:
    notable = wilson(sum(change.is_notable for change in found), len(found))
    clear = sum(change.adjusted_p < 0.05 for change in found)
    n_changes = f"{len(found)} single change{'s' if len(found) > 1 else ''}"
    sentence = (
        f"Of {n_changes} of one constant, a share of {describe(notable)} moves accuracy by {NOTABLE * 100:.0f} points or more; "
        f"after Holm's correction for all {len(found)}, {clear or 'none'} {'are' if clear > 1 else 'is'} clear at 5%."
    )
    rows = [
        [
            f"{group.prefix}{_constant(step)}",
            _values(step, formats),
            signed(change.difference.value),
            _interval(change),
            str(change.difference.n),
            f"{change.p:.3f}",
            f"{change.adjusted_p:.3f}",
        ]
        for (group, step), change in zip(tested, found, strict=True)
    ]
    table = {"columns": ["Constant", "Change", "Difference", "95% interval", "Problems", "p", "p, Holm"], "rows": rows}
    numbers = {"share that moves accuracy by 5 points": notable}
    folded = {"title": f"All {n_changes}", "table": table}
    return Finding("changes", "Single changes", sentence, numbers, _by_constant(tested, found), {"folded": folded})


def _by_constant(tested: Sequence[tuple[Group, Step]], found: Sequence[Change]) -> Figure:
    """Every change as a point over its constant."""
    constants = list(dict.fromkeys(_constant(step) for _, step in tested))
    by_group: dict[str, list[tuple[float, Change]]] = defaultdict(list)
    for (group, step), change in zip(tested, found, strict=True):
        by_group[group.name if group.prefix else "change"].append((float(constants.index(_constant(step))), change))
    series = [
        Series(
            name,
            [x for x, _ in points],
            [change.difference.value for _, change in points],
            [change.difference.low for _, change in points],
            [change.difference.high for _, change in points],
            n=points[0][1].difference.n,
            lines=False,
            bars=True,
        )
        for name, points in by_group.items()
    ]
    return Figure(
        "Single changes", "constant that was changed", "accuracy after − before", series, y_range=None, x_labels=constants
    )


def _paths_finding(paths: np.ndarray) -> Finding:
    found = monotone_share(paths)
    if found.value is None:
        sentence = f"On none of {len(paths)} paths of two changes do the three accuracies all differ."
    else:
        is_chance = found.low <= MONOTONE_BY_CHANCE <= found.high
        sentence = (
            f"On {found.n} path{'s' if found.n > 1 else ''} of two changes whose accuracies all differ, accuracy goes on in one "
            f"direction on a share of {describe(found)}; by chance it is 0.33: "
            f"{'no clear difference' if is_chance else 'clearly different'}."
        )
    return Finding("paths", "Paths of two changes", sentence, {"monotone paths": found})


def _finished_steps(group: Group, formats: FormatList) -> list[Step]:
    full, _ = group.finished(list(formats.all))
    steps = [step for path in formats.paths for step in path]
    return [step for step in dict.fromkeys(steps) if step.before in full and step.after in full]


def _shared(group: Group, keys: Sequence[str]) -> list[str]:
    return sorted(set.intersection(*(set(group.right[key]) for key in keys)))


def _pair(group: Group, step: Step) -> tuple[np.ndarray, np.ndarray]:
    keys = (step.before, step.after)
    before, after = group.matrix(keys, _shared(group, keys))
    return before, after


def _paths(group: Group, formats: FormatList) -> list[list[float]]:
    done = set(_finished_steps(group, formats))
    found = []
    for first, second in formats.paths:
        if {first, second} <= done:
            keys = (first.before, first.after, second.after)
            found.append(group.matrix(keys, _shared(group, keys)).mean(axis=1).tolist())
    return found


def _constant(step: Step) -> str:
    return step.constant.replace("_", " ")


def _values(step: Step, formats: FormatList) -> str:
    before, after = (shown(getattr(formats.all[key], step.constant)) for key in (step.before, step.after))
    return f"{before} → {after}"


def _interval(change: Change) -> str:
    low, high = change.difference.low, change.difference.high
    return "–" if low is None else f"[{signed(low)}, {signed(high)}]"
