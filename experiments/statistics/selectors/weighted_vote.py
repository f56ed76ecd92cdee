"""Weighted vote: every sample votes for its answer with its verifier's score. Li et al. 2022; Bag of Tricks, 2025."""

import numpy as np

from ..pools import Pool
from ..subsets import check_sizes, orders

#: Subsets per problem and k, at least.
DRAWS = 200


def weighted_vote(pool: Pool, ks: tuple[int, ...], verifier: str, seed: int) -> np.ndarray:
    """The chance that the answer with the largest summed weight among k is correct, ties split evenly.

    Weights are the scores, min-max normalised within the k samples (all 1 where they are equal), so any score will do. A
    sample without a score (NaN) weighs as much as the lowest scored one, nothing; where none has a score all weigh the same.
    There is no closed form: at least 200 subsets are drawn from `seed` without replacement.
    """
    return vote(pool, ks, pool.scores[verifier], seed)


def vote(pool: Pool, ks: tuple[int, ...], scores: np.ndarray, seed: int) -> np.ndarray:
    """`weighted_vote` by (n,) scores. With equal scores it is the majority vote."""
    check_sizes(pool.n, ks)
    answered = pool.answers >= 0
    if not answered.any():
        return np.zeros(len(ks))
    _, member_of, sizes = np.unique(pool.answers[answered], return_inverse=True, return_counts=True)
    share_correct = np.bincount(member_of, weights=pool.correct[answered]) / sizes
    n_classes = len(sizes)

    order = orders(pool.n, DRAWS, seed)
    ballot = np.full(pool.n, n_classes)  # those without an answer fill a last column that is never counted
    ballot[answered] = member_of
    rows = len(order)
    cell = ballot[order] + np.arange(rows)[:, None] * (n_classes + 1)
    scored = ~np.isnan(scores)
    above_lowest = np.where(scored, scores - np.min(scores, where=scored, initial=np.inf), 0.0)[order]
    lowest = np.minimum.accumulate(np.where(scored[order], above_lowest, np.inf), axis=1)
    highest = np.maximum.accumulate(np.where(scored[order], above_lowest, -np.inf), axis=1)

    def tally(places: slice, weights: np.ndarray | None = None) -> np.ndarray:
        """(rows, classes) sum over the samples at these places of the orders."""
        each = None if weights is None else weights[:, places].ravel()
        cells = np.bincount(cell[:, places].ravel(), each, minlength=rows * (n_classes + 1))
        return cells.reshape(rows, n_classes + 1)[:, :n_classes]

    votes, sums = np.zeros((rows, n_classes)), np.zeros((rows, n_classes))
    scored_votes = votes if scored.all() else np.zeros((rows, n_classes))
    accuracy, done = {}, 0
    for k in sorted(set(ks)):
        entering = slice(done, k)
        votes += tally(entering)
        sums += tally(entering, above_lowest)
        if scored_votes is not votes:
            scored_votes += tally(entering, scored[order])
        winners = _winners(votes, scored_votes, sums, lowest[:, k - 1], highest[:, k - 1])
        accuracy[k] = np.mean(winners @ share_correct / np.maximum(np.count_nonzero(winners, axis=1), 1))
        done = k
    return np.array([accuracy[k] for k in ks])


def _winners(
    votes: np.ndarray, scored_votes: np.ndarray, sums: np.ndarray, lowest: np.ndarray, highest: np.ndarray
) -> np.ndarray:
    """(rows, classes) bool: the classes with the largest weight, ties included. `lowest` and `highest` scores are by row.

    Dividing the weights by the spread would not change who wins, so the tolerance is multiplied by it instead.
    """
    has_score = np.isfinite(lowest)
    lowest, spread = np.where(has_score, lowest, 0), np.where(has_score, highest - lowest, 0)
    weights = sums - lowest[:, None] * scored_votes
    equal = spread == 0
    if equal.any():
        weights[equal] = np.where(has_score[:, None], scored_votes, votes)[equal]
    tolerance = 1e-9 * np.where(equal, 1, spread)
    return (weights >= (weights.max(axis=1) - tolerance)[:, None]) & (votes > 0)
