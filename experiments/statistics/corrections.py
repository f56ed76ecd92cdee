"""Many tests on one page: how their p values are corrected. `paired.holm` is the default for what is to be claimed."""

import numpy as np

#: Random sign patterns.
FLIPS = 10_000


def benjamini_hochberg(p_values: list[float]) -> list[float]:
    """Adjusted so that of what is claimed below the level that share is false, on average (Benjamini and Hochberg, 1995)."""
    m = len(p_values)
    adjusted, smallest = [0.0] * m, 1.0
    for rank, place in reversed(list(enumerate(sorted(range(m), key=p_values.__getitem__), start=1))):
        smallest = min(smallest, m * p_values[place] / rank)
        adjusted[place] = smallest
    return adjusted


def max_t(differences: np.ndarray, rng: np.random.Generator, flips: int = FLIPS) -> list[float]:
    """Adjusted two-sided p of each column of (problems, comparisons) differences, signs flipped together problem by problem.

    The largest |t| of all columns under random signs is what each one has to beat: the chance of any false claim stays below
    the level, and comparisons that share an arm cost less than by Holm. A column without any difference gets 1.
    """
    n = len(differences)
    squares = (differences**2).sum(axis=0)
    seen = _abs_t(differences.sum(axis=0), squares, n)
    signs = rng.integers(0, 2, size=(flips, n), dtype=np.int8) * 2 - 1
    largest = _abs_t(signs @ differences, squares, n).max(axis=1)
    extreme = (largest[:, None] >= seen * (1 - 1e-12)).sum(axis=0)
    return np.where(squares > 0, (1 + extreme) / (1 + flips), 1.0).tolist()


def _abs_t(sums: np.ndarray, squares: np.ndarray, n: int) -> np.ndarray:
    """|t| of means of n values, from their sums and sums of squares; a clean sweep is as far out as can be."""
    left = np.maximum(squares - sums**2 / n, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.abs(sums) / np.sqrt(left * n / max(n - 1, 1))
    return np.where(squares > 0, np.where(np.isnan(found), 0, found), 0)
