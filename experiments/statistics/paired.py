"""Two settings on the same problems: tests that go with a paired difference, and their correction for being many."""

import numpy as np
from scipy.stats import binom, binomtest

#: Random sign patterns of the permutation test.
FLIPS = 10_000
#: Signs drawn at a time, to bound memory.
_CHUNK = 4_000_000


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p that two settings are equally often right, from the problems that only one of them got right."""
    discordant = only_first + only_second
    return 1.0 if discordant == 0 else float(binomtest(only_first, discordant).pvalue)


def mcnemar_mid_p(only_first: int, only_second: int) -> float:
    """As `mcnemar`, less conservative where few problems differ: half of what was seen counts as extreme."""
    discordant, fewer = only_first + only_second, min(only_first, only_second)
    if discordant == 0:
        return 1.0
    seen = float(binom.pmf(fewer, discordant, 0.5))
    if only_first == only_second:
        return 1.0 - seen / 2
    return 2 * float(binom.cdf(fewer, discordant, 0.5)) - seen


def sign_flip(differences: np.ndarray, rng: np.random.Generator, flips: int = FLIPS) -> float:
    """Two-sided p that (n,) differences are centred on zero: how often random signs give a mean as far from it.

    Takes any score per problem. The smallest p it can give is 1 / (flips + 1).
    """
    return sign_flips(differences[:, None], rng, flips)[0]


def sign_flips(differences: np.ndarray, rng: np.random.Generator, flips: int = FLIPS) -> list[float]:
    """`sign_flip` of every column of (n, comparisons) differences, all under the same random signs."""
    seen = np.abs(differences.sum(axis=0))
    extreme = np.zeros(differences.shape[1], dtype=int)
    rows = max(1, _CHUNK // len(differences))
    for start in range(0, flips, rows):
        size = min(rows, flips - start)
        signs = rng.integers(0, 2, size=(size, len(differences)), dtype=np.int8) * 2.0 - 1
        # Sums of the same numbers in another order may differ in their last bits.
        extreme += (np.abs(signs @ differences) >= seen * (1 - 1e-12)).sum(axis=0)
    return np.where(differences.any(axis=0), (1 + extreme) / (1 + flips), 1.0).tolist()


def holm(p_values: list[float]) -> list[float]:
    """Adjusted so that the chance of any false claim among all of them stays below the level (Holm, 1979)."""
    m = len(p_values)
    adjusted, largest = [0.0] * m, 0.0
    for rank, place in enumerate(sorted(range(m), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (m - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted
