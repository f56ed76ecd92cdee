"""Whether a limit helps large models more than small ones, on problems that were picked without looking at what is measured."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import wilson
from ..statistics.item_classes import CLASSES, Gaps, classify, gaps
from .base import Figure, Finding, Series
from .brevity_arms import Group
from .brevity_scale import scale_finding
from .wording import describe_difference, problems

_TITLE = "What size does"


def size_findings(groups: Sequence[Group], rng: np.random.Generator) -> list[Finding]:
    """Classes of problems on the even samples under control, gaps between small and large models on the odd ones, and accuracy
    by size; one that says what is missing where that cannot be told."""
    sized = of_known_size(groups)
    if not sized:
        return _nothing("Problems can be classed by what size does to them once language models of two known sizes are compared.")
    shared = sorted(set.intersection(*(set(group.shared_problems("control", "brief")) for group in sized)))
    if not shared:
        return _nothing("No problem is finished under control and limit by every language model yet.")
    if any(len(pool.correct) < 2 for group in sized for problem in shared for pool in group.pools["control"][problem]):
        return _nothing(
            "Picking problems and measuring them takes at least 2 samples each: one half of them picks, the other is measured."
        )
    small, large = by_size(sized)
    picking = [np.stack([group.half("control", shared, 0) for group in part]) for part in (small, large)]
    classes = np.array(classify(*picking))
    inverse = classes == "inverse"
    told = _told(classes, _gaps(small, large, shared, inverse, rng), _gaps(small, large, shared, None, rng), small, large)
    return [told, scale_finding(sized, shared, inverse, rng)]


def _told(classes: np.ndarray, picked: Gaps | None, everywhere: Gaps, small: list[Group], large: list[Group]) -> Finding:
    counts = Counter(classes.tolist())
    numbers: dict[str, Estimate] = {f"all problems: {name}": value for name, value in _named(everywhere).items()}
    sentence = (
        f"Of {problems(len(classes))}, {', '.join(f'{counts[each]} {each}' for each in CLASSES)}, by the even samples of "
        f"{len(small)} smaller and {len(large)} larger models without a limit. "
    )
    if picked is None:
        sentence += "On none of them do the smaller models lead, so there is no lead to turn."
    else:
        numbers |= {f"inverse problems: {name}": value for name, value in _named(picked).items()}
        sentence += (
            "On the inverse ones, measured on the odd samples, the smaller models lead by "
            f"{describe_difference(picked.before)} without and "
            f"{describe_difference(picked.after)} with the limit; it closes {describe_difference(picked.closed)}. "
        )
        sentence += "The order is reversed." if picked.is_reversed else "That is no reversal."
    figure = _drawn(counts, len(classes))
    return Finding("sizes", _TITLE, sentence, numbers, figure, {"classes": {each: counts[each] for each in CLASSES}})


def _named(found: Gaps) -> dict[str, Estimate]:
    return {
        "small − large, control": found.before,
        "small − large, limit": found.after,
        "gap closed": found.closed,
        "effect on the small": found.small_effect,
        "effect on the large": found.large_effect,
    }


def _drawn(counts: Counter, n: int) -> Figure:
    shares = [wilson(counts[each], n) for each in CLASSES]
    columns = ([getattr(share, end) for share in shares] for end in ("value", "low", "high"))
    places = list(map(float, range(len(CLASSES))))
    points = Series("even samples without a limit", places, *columns, n=n, lines=False, bars=True)
    return Figure("Classes of problems", "class", "share of problems", [points], x_labels=list(CLASSES))


def _nothing(sentence: str) -> list[Finding]:
    return [Finding("sizes", _TITLE, sentence)]


def of_known_size(groups: Sequence[Group]) -> list[Group]:
    """Those whose model's parameters are known, if they have at least two sizes; else none."""
    sized = [group for group in groups if group.setting and group.setting.n_parameters]
    return sized if len({group.setting.n_parameters for group in sized}) > 1 else []


def by_size(groups: list[Group]) -> tuple[list[Group], list[Group]]:
    """The smaller and the larger half by parameters; one in the middle counts as small."""
    ordered = sorted(groups, key=lambda group: group.setting.n_parameters)
    middle = (len(ordered) + 1) // 2
    return ordered[:middle], ordered[middle:]


def _gaps(small: list[Group], large: list[Group], shared: list[str], chosen: np.ndarray | None, rng) -> Gaps | None:
    """On the odd samples of the chosen problems, by default all; None where none is chosen."""
    places = np.arange(len(shared)) if chosen is None else np.flatnonzero(chosen)
    if not len(places):
        return None
    problems_chosen = [shared[place] for place in places]
    pairs = [
        [np.mean([group.half(arm, problems_chosen, 1) for group in part], axis=0) for arm in ("control", "brief")]
        for part in (small, large)
    ]
    return gaps(*pairs, rng)
