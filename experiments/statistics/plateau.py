"""From which k on more samples bring nothing clear. Large Language Monkeys, 2024."""

from dataclasses import dataclass

import numpy as np

from .intervals import Bands, bootstrap_bands


@dataclass(frozen=True, eq=False)
class Plateau:
    """`k` is the smallest k from which the gain up to the largest k has an interval that contains zero.

    `gains` are those gains by k, paired by problem; `k` is None below two problems, where there are no intervals.
    """

    k: int | None
    ks: tuple[int, ...]
    gains: Bands


def find_plateau(ks: tuple[int, ...], values: np.ndarray, rng: np.random.Generator) -> Plateau:
    """`values` is (problems, len(ks)) with ks ascending; the largest k is a plateau of its own where all gains are clear."""
    gains = bootstrap_bands(values[:, -1:] - values, rng)
    if gains.low is None:
        return Plateau(None, ks, gains)
    unclear = (gains.low <= 0) & (gains.high >= 0)
    return Plateau(ks[int(np.argmax(unclear))], ks, gains)
