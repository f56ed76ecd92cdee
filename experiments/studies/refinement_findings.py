"""What loops of refinement say: repairs and damage, accuracy beside independent repeats, and loops against each other."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..statistics.curves import selector_curves
from ..statistics.estimates import Estimate
from ..statistics.intervals import Bands, bootstrap_mean
from ..statistics.refinement import Refinement, over_budget, rate, refinement
from .base import ConditionPools, Figure, Finding, Series
from .loops import Loop, is_loop
from .wording import describe, describe_difference, is_clear


def refinement_findings(conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
    """Nothing where no condition is a loop that has ended on some problem."""
    loops = [Loop.of(condition) for condition in conditions if is_loop(condition)]
    if not loops:
        return []
    found = [_repairs(loops, conditions, rng), _cues(loops, rng)]
    if pairs := _pairs(loops):
        found.append(_compared(pairs, rng))
    return found


def _repairs(loops: Sequence[Loop], conditions: Sequence[ConditionPools], rng: np.random.Generator) -> Finding:
    numbers, series, rows, slopes = {}, [], [], {}
    for loop in loops:
        measured = refinement(loop.chains, rng)
        own = _numbers(measured, loop, rng)
        numbers |= {f"{loop.label}: {name}": estimate for name, estimate in own.items()}
        slopes[loop.label] = measured.slope
        rows.append(_row(loop, measured, own))
        bands = measured.solved if loop.setting.uses_oracle else measured.by_round
        series.append(_line(loop.label, [loop.width * (round_ + 1) for round_ in range(loop.depth)], bands))
    longest = max(loop.width * loop.depth for loop in loops)
    series += [line for condition in conditions for line in _repeats(condition, longest, rng)]
    figure = Figure(
        "Accuracy by answers given", "answers per problem (chains × rounds)", "share of problems answered", series, x_log=True
    )
    sentence = (
        f"{_slopes_in_words(slopes)} Rates are shares of the answers that another one followed; intervals are 95%. "
        "In the figure, loops with an oracle have solved a problem once any answer is right; of the others the answers that "
        "stand after each round are counted. Independent repeats at as many answers are drawn dashed."
    )
    details = {"table": {"columns": COLUMNS, "rows": rows}}
    return Finding("refinement", "What loops repair and spoil", sentence, numbers, figure, details)


def _slopes_in_words(slopes: dict[str, Estimate]) -> str:
    """Which loops get clearly better or worse from round to round; at most the first of them where none does."""
    known = {label: slope for label, slope in slopes.items() if slope.value is not None}
    clear = [f"{label} {describe_difference(slope)}" for label, slope in known.items() if is_clear(slope)]
    if clear:
        return f"Accuracy changes clearly per round in {len(clear)} of {len(slopes)} loops: {'; '.join(clear)}."
    if not known:
        return "No answer was followed by another yet."
    label, slope = next(iter(known.items()))
    return f"In none of {len(slopes)} loops does accuracy change clearly per round, as in {label}: {describe_difference(slope)}."


COLUMNS = [
    *("strategy", "problems", "wrong answers followed", "of them turned right", "right answers followed", "of them turned wrong"),
    *("accuracy per round", "tokens spent by budget"),
]


def _row(loop: Loop, measured: Refinement, numbers: dict[str, Estimate]) -> list[str]:
    slope, spent = measured.slope, numbers.get("tokens spent by budget")
    return [
        loop.label,
        str(len(loop.right)),
        *(f"{measured.n_wrong:,}", _told(measured.correction)[0]),
        *(f"{measured.n_right:,}", _told(measured.overcorrection)[0]),
        "–" if slope.value is None else describe_difference(slope),
        "–" if spent is None else describe(spent),
    ]


def _numbers(measured: Refinement, loop: Loop, rng: np.random.Generator) -> dict[str, Estimate]:
    numbers = {
        "correction rate": measured.correction,
        "over-correction rate": measured.overcorrection,
        "slope per round": measured.slope,
        "best of all answers (oracle)": measured.best,
        "average of all answers": measured.average,
        "worst of all answers (oracle)": measured.worst,
    }
    if loop.spent is not None:
        share, ratio = over_budget(loop.spent, rng)
        numbers |= {"share over the token budget": share, "tokens spent by budget": ratio}
    return numbers


def _line(name: str, x: Sequence[float], bands: Bands, dashed: bool = False) -> Series:
    low, high = (None if each is None else each.tolist() for each in (bands.low, bands.high))
    return Series(name, list(map(float, x)), bands.mean.tolist(), low, high, bands.n, dashed=dashed)


def _repeats(condition: ConditionPools, longest: int, rng: np.random.Generator) -> list[Series]:
    """What independent answers reach, where the condition is a pool."""
    if not condition.pools or condition.setting is None or condition.setting.strategy.name != "pool":
        return []
    n = min(longest, min(pool.n for pool in condition.pools))
    curves = selector_curves(condition.pools, tuple(range(1, n + 1)), None, 0)
    bands = curves.bands(rng)
    names = {"oracle": "any of k repeats (oracle)", "majority": "majority of k repeats"}
    return [_line(f"{condition.label}: {name}", curves.ks, bands[selector], dashed=True) for selector, name in names.items()]


def _cues(loops: Sequence[Loop], rng: np.random.Generator) -> Finding:
    """What followed each kind of reply."""
    rows = []
    for loop in loops:
        for cue in dict.fromkeys(step.cue for steps in loop.steps.values() for step in steps):
            said = [[step for step in steps if step.cue == cue] for steps in loop.steps.values()]
            repaired, spoilt = _rate_of(said, False, rng), _rate_of(said, True, rng)
            rows.append([loop.label, cue, str(sum(map(len, said))), *_told(repaired), *_told(spoilt)])
    columns = ["strategy", "reply", "times", "wrong turned right", "n problems", "right turned wrong", "n problems"]
    sentence = "What became of answers after each kind of reply: an emotion, a hint, or what the criticism found."
    return Finding(
        "refinement_replies", "Replies and what they did", sentence, details={"table": {"columns": columns, "rows": rows}}
    )


def _rate_of(said: Sequence[Sequence], was_right: bool, rng: np.random.Generator) -> Estimate:
    """How often answers that were right, or wrong, turned into the other."""
    chances = np.array([sum(step.was_right == was_right for step in steps) for steps in said])
    turned = np.array([sum(step.was_right == was_right != step.is_right for step in steps) for steps in said])
    return rate(turned, chances, rng)


def _told(estimate: Estimate) -> tuple[str, str]:
    return ("–" if estimate.value is None else describe(estimate), str(estimate.n))


def _pairs(loops: Sequence[Loop]) -> list[tuple[Loop, Loop]]:
    """Loops of one strategy that differ in its options only."""
    alike = defaultdict(list)
    for loop in loops:
        setting = loop.setting
        alike[setting.strategy.name, setting.language_model, setting.variant, setting.decoding.model_dump_json()].append(loop)
    return [pair for members in alike.values() for pair in combinations(members, 2)]


def _compared(pairs: Sequence[tuple[Loop, Loop]], rng: np.random.Generator) -> Finding:
    """Width against depth, an emotion against the neutral tone: the answers handed in, paired by problem."""
    numbers = {}
    for first, second in pairs:
        if shared := sorted(set(first.chains) & set(second.chains)):
            difference = _right_on(first, shared) - _right_on(second, shared)
            numbers[f"{first.label} − {second.label}"] = bootstrap_mean(difference, rng)
    clear = [f"{name} {describe_difference(difference)}" for name, difference in numbers.items() if is_clear(difference)]
    sentence = (
        f"{len(numbers)} paired comparisons of loops that differ in their options only: "
        f"{'; '.join(clear) if clear else 'none is a clear difference'}. "
        "The intervals are not corrected for the number of comparisons."
    )
    loops = list({id(loop): loop for pair in pairs for loop in pair}.values())
    return Finding("loops_compared", "Loops compared", sentence, numbers, _grid(loops, rng))


def _right_on(loop: Loop, shared: Sequence[str]) -> np.ndarray:
    return loop.right[np.isin(list(loop.chains), shared)]


def _grid(loops: Sequence[Loop], rng: np.random.Generator) -> Figure | None:
    """Accuracy of the answer handed in against depth, where loops spend as many answers in chains of different length."""
    alike = defaultdict(list)
    for loop in sorted(loops, key=lambda loop: loop.planned_depth):
        name = "oracle" if loop.setting.uses_oracle else "handed in"
        alike[f"{loop.setting.strategy.name.replace('_', ' ')}, {loop.budget} answers ({name})"].append(loop)
    series = []
    for name, members in alike.items():
        if len({loop.planned_depth for loop in members}) > 1:
            found = [bootstrap_mean(loop.right, rng) for loop in members]
            x = [float(loop.planned_depth) for loop in members]
            columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
            series.append(Series(name, x, *columns, n=min(each.n for each in found)))
    title = "Width against depth at equal answers"
    return Figure(title, "answers per chain (depth)", "share of problems answered", series, x_log=True) if series else None
