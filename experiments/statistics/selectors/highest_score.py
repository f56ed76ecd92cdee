"""Best-of-N: hand in the sample that a score ranks highest."""

import numpy as np

from ..pools import Pool
from ..subsets import miss_probability


def best_by_verifier(pool: Pool, ks: tuple[int, ...], verifier: str) -> np.ndarray:
    """Best-of-k: the sample that the verifier scores highest, exact, equal scores sharing evenly. Bag of Tricks, 2025.

    A sample without a score ranks below all that have one. It can fall with k: more samples find more that fool the verifier.
    """
    return highest_score(pool.scores[verifier], pool.correct, ks)


def shortest(pool: Pool, ks: tuple[int, ...]) -> np.ndarray:
    """The sample with the fewest tokens among those with an answer, exact: a failed or empty text is short for free.

    It misleads where short answers are right because their problems are easy; compare it on the same problem only.
    """
    scores = np.where(pool.answers >= 0, -pool.tokens.astype(float), np.nan)
    return highest_score(scores, pool.correct, ks)


def longest(pool: Pool, ks: tuple[int, ...]) -> np.ndarray:
    """The sample with the most tokens among those with an answer, exact. A text cut off at the limit is the longest of all."""
    return highest_score(np.where(pool.answers >= 0, pool.tokens.astype(float), np.nan), pool.correct, ks)


def likeliest(pool: Pool, ks: tuple[int, ...]) -> np.ndarray:
    """PPL: the sample with the lowest perplexity, that is the highest mean logprob, among those with an answer, exact.

    The baseline of that name in Bridging Internal Probability and Self-Consistency, 2025. Needs mean logprobs.
    """
    return highest_score(np.where(pool.answers >= 0, pool.mean_logprobs, np.nan), pool.correct, ks)


def highest_score(scores: np.ndarray, correct: np.ndarray, ks: tuple[int, ...]) -> np.ndarray:
    """(len(ks),) chance that the highest score among k samples is a correct one's; equal scores share it evenly.

    The top group g of equal scores wins with [C(n - M_{g-1}, k) - C(n - M_g, k)] / C(n, k), where M_g counts the samples
    down to g; within the group every sample is equally likely.
    """
    ranked = np.where(np.isnan(scores), -np.inf, scores)
    _, group, size = np.unique(-ranked, return_inverse=True, return_counts=True)
    share_correct = np.bincount(group, weights=correct) / size
    missed = miss_probability(len(scores), ks)[np.concatenate([[0], np.cumsum(size)])]
    return share_correct @ (missed[:-1] - missed[1:])
