"""How many problems a paired comparison takes, and the smallest difference that a number of them can show."""

import math

from scipy.stats import norm

#: Two-sided 5%, found in 80% of the repetitions.
LEVEL, POWER = 0.05, 0.8
_Z_LEVEL, _Z_POWER = float(norm.ppf(1 - LEVEL / 2)), float(norm.ppf(POWER))


def problems_needed(difference: float, mean_square: float) -> float:
    """Problems to tell a mean paired difference from zero; infinite for no difference.

    `mean_square` is the mean of the squared differences per problem: for right and wrong answers, the share of problems
    that only one setting gets right. Normal approximation.
    """
    if difference == 0:
        return math.inf
    return (_spread(difference, mean_square) / difference) ** 2


def smallest_detectable(n: int, mean_square: float) -> float:
    """The difference that `n` problems would show. Solved for d in `problems_needed(d, mean_square) = n`; at most 1."""
    if n == 0 or mean_square == 0:
        return 1.0 if n == 0 else 0.0
    low, high = 0.0, min(1.0, math.sqrt(mean_square))
    if problems_needed(high, mean_square) > n:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if problems_needed(middle, mean_square) > n else (low, middle)
    return high


def _spread(difference: float, mean_square: float) -> float:
    return _Z_LEVEL * math.sqrt(mean_square) + _Z_POWER * math.sqrt(max(mean_square - difference**2, 0.0))
