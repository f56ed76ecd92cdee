"""Majority vote, also called self-consistency: the answer that most samples agree on. Wang et al. 2022."""

from functools import lru_cache
from math import comb

import numpy as np

from ..pools import Pool
from ..subsets import check_sizes
from .ballots import ballots

#: The exact count costs about n^2.5 steps; beyond this many samples random subsets are as good and much faster.
EXACT_UP_TO = 128


def majority(pool: Pool, ks: tuple[int, ...], seed: int) -> np.ndarray:
    """The chance that the most frequent answer among k is correct, ties split evenly. Self-Consistency, Wang et al. 2022.

    Exact up to 128 samples, by subsets drawn from `seed` beyond. Without any answer among the k nothing is handed in. Where
    the most likely answer is a wrong one, more samples make it worse.
    """
    check_sizes(pool.n, ks)
    if pool.n > EXACT_UP_TO:
        votes = ballots(pool, ks, seed)
        return votes.accuracy(votes.votes)
    answers = pool.answers[pool.answers >= 0]
    _, member_of, sizes = np.unique(answers, return_inverse=True, return_counts=True)
    share_correct = np.bincount(member_of, weights=pool.correct[pool.answers >= 0], minlength=len(sizes)) / sizes
    total = np.zeros(len(ks))
    for right in np.flatnonzero(share_correct):
        others = tuple(sorted(np.delete(sizes, right).tolist()))
        total += share_correct[right] * win_probability(int(sizes[right]), others, pool.n - len(answers))[list(ks)]
    return total


@lru_cache(maxsize=4096)
def win_probability(size: int, others: tuple[int, ...], n_without: int) -> np.ndarray:
    """(n + 1,) by k: the chance that a class of `size` wins the vote against classes of sizes `others`.

    `n_without` samples have no answer. Counts subsets with polynomials in x (samples drawn) and y (classes that tie):
    if our class holds v of the k, any other holds fewer (sum over j < v of C(size, j) x^j) or ties (y C(size, v) x^v), and
    a win shared with t others counts 1 / (1 + t). All terms are positive, so nothing cancels.
    """
    n = size + sum(others) + n_without
    wins = np.zeros(n + 1)
    for v in range(1, size + 1):
        rivals = [other for other in others if other >= v]
        harmless = n - size - sum(rivals)  # too few to reach v votes: they only fill places
        polynomial = np.zeros((len(rivals) + 1, n + 1))
        polynomial[0, : harmless + 1] = _binomials(harmless)
        for t, rival in enumerate(rivals):
            polynomial[: t + 2] = _with_rival(polynomial[: t + 2], rival, v)
        shared = (1 / np.arange(1, len(rivals) + 2)) @ polynomial
        wins[v:] += comb(size, v) * shared[: n + 1 - v]
    subsets = _binomials(n)
    return wins / subsets


def _with_rival(polynomial: np.ndarray, rival: int, v: int) -> np.ndarray:
    """The polynomial (ties, samples drawn) after one more class that may hold at most v."""
    ways = _binomials(rival)
    width = polynomial.shape[1]
    if v > 3 * len(polynomial):
        after = np.array([np.convolve(row, ways[:v])[:width] for row in polynomial])
    else:  # many rows and few terms: one term after the other is faster
        after = np.zeros_like(polynomial)
        for j in range(v):
            after[:, j:] += ways[j] * polynomial[:, : width - j]
    after[1:, v:] += ways[v] * polynomial[:-1, : width - v]
    return after


@lru_cache(maxsize=1024)
def _binomials(n: int) -> np.ndarray:
    return np.array([comb(n, k) for k in range(n + 1)], dtype=float)
