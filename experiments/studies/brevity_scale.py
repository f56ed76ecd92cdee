"""Accuracy against the number of parameters, with and without a limit on length."""

from collections.abc import Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.scale_curve import FEWEST_SIZES, best_size, size_correlation
from .base import Figure, Finding, Series
from .brevity_arms import Arm, Group
from .wording import describe, problems


def scale_finding(groups: Sequence[Group], shared: Sequence[str], inverse: np.ndarray, rng: np.random.Generator) -> Finding:
    """`groups` are of at least two known sizes; `inverse` marks those of the (shared) problems that were picked as such.

    What picked them is the even samples of the control, so all that is drawn of them are the odd samples.
    """
    ordered = sorted(groups, key=lambda group: group.setting.n_parameters)
    sizes = np.array([group.setting.n_parameters for group in ordered], dtype=float)
    arms = [arm for arm in ordered[0].arms if all(_has(group, arm, shared) for group in ordered)]
    series, numbers, told = [], {}, []
    for arm in arms:
        right = np.stack([group.by_problem(arm.key, shared, "correct") for group in ordered])
        series.append(_line(f"{arm.label}, all problems", sizes, right, rng))
        numbers |= _named(f"{arm.label}, all problems", sizes, right, rng)
        if inverse.any():
            picked = [problem for problem, is_inverse in zip(shared, inverse, strict=True) if is_inverse]
            right = np.stack([group.half(arm.key, picked, 1) for group in ordered])
            series.append(_line(f"{arm.label}, inverse problems", sizes, right, rng, dashed=True))
            numbers |= _named(f"{arm.label}, inverse problems", sizes, right, rng)
            told.append(f"{arm.label} {describe(numbers[f'{arm.label}, inverse problems: r'])}")
    sentence = _sentence(told, int(inverse.sum()), numbers, len(set(sizes)))
    figure = Figure("Accuracy against model size", "parameters", "share of answers right", series, x_log=True)
    return Finding("scale", "Accuracy against model size", sentence, numbers, figure)


def _has(group: Group, arm: Arm, shared: Sequence[str]) -> bool:
    return set(shared) <= set(group.pools.get(arm.key, {}))


def _line(name: str, sizes: np.ndarray, right: np.ndarray, rng: np.random.Generator, dashed: bool = False) -> Series:
    found = [bootstrap_mean(row, rng) for row in right]
    columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
    return Series(name, sizes.tolist(), *columns, n=right.shape[1], dashed=dashed, bars=True)


def _named(name: str, sizes: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> dict[str, Estimate]:
    return {f"{name}: r": size_correlation(sizes, right, rng), f"{name}: best size": best_size(sizes, right, rng)}


def _sentence(told: Sequence[str], n_inverse: int, numbers: dict[str, Estimate], n_sizes: int) -> str:
    r = "the correlation of log size and accuracy over models and problems"
    if told:
        sentence = f"On {problems(n_inverse)} picked as inverse and measured on other samples, {r} is: {'; '.join(told)}."
    else:
        everywhere = [f"{name.partition(',')[0]} {describe(value)}" for name, value in numbers.items() if name.endswith(": r")]
        sentence = f"No problem was picked as inverse. On all of them {r} is: {'; '.join(everywhere)}."
    if n_sizes < FEWEST_SIZES:
        return f"{sentence} A best size between them takes at least {FEWEST_SIZES} sizes; here are {n_sizes}."
    return f"{sentence} The best size is where accuracy, smoothed over log size, is highest."
