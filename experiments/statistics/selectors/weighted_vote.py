"""Weighted vote: every sample votes for its answer with its verifier's score. Li et al. 2022; Bag of Tricks, 2025.

There is no closed form: at least 200 subsets are drawn from `seed` without replacement.
"""

import numpy as np

from ..pools import Pool
from .ballots import Ballots, ballots


def weighted_vote(pool: Pool, ks: tuple[int, ...], verifier: str, seed: int) -> np.ndarray:
    """The chance that the answer with the largest summed weight among k is correct, ties split evenly.

    Weights are the scores, min-max normalised within the k samples (all 1 where they are equal), so any score will do. A
    sample without a score (NaN) weighs as much as the lowest scored one, nothing; where none has a score all weigh the same.
    Min-max weights make the worst of the k worthless however good it is; Bag of Tricks, 2025.
    """
    return min_max_vote(ballots(pool, ks, seed), pool.scores[verifier])


def raw_vote(pool: Pool, ks: tuple[int, ...], verifier: str, seed: int) -> np.ndarray:
    """The vote weighted by the scores as they are, where all lie between 0 and 1. Bag of Tricks, 2025.

    Scores that crowd near one value weigh nearly alike, and the vote is the majority's but for its ties. Raises ValueError for
    a score outside 0 to 1.
    """
    scores = pool.scores[verifier]
    if not is_weight(scores):
        raise ValueError(f"The scores of {verifier} are not weights between 0 and 1")
    votes = ballots(pool, ks, seed)
    return votes.by_total(votes.total(np.nan_to_num(scores, nan=0.0)))


def softmax_vote(pool: Pool, ks: tuple[int, ...], verifier: str, seed: int, temperature: float = 1.0) -> np.ndarray:
    """The vote weighted by exp(score / temperature); dividing by the sum would not change who wins.

    Weights are relative to the highest score among the k, so none of them all vanish. A sample without a score weighs nothing.
    """
    votes = ballots(pool, ks, seed)
    scores = pool.scores[verifier] / temperature
    placed = np.where(np.isnan(scores), -np.inf, scores)[votes.order]
    highest = votes.running(np.maximum, placed)
    highest = np.where(np.isfinite(highest), highest, 0.0)
    fading = np.exp(np.minimum(np.vstack([highest[:1], highest[:-1]]) - highest, 0.0))
    return votes.by_total(votes.total(np.exp(placed - highest[votes.enters]), fading))


def is_weight(scores: np.ndarray) -> bool:
    """Whether every score that is there lies between 0 and 1."""
    return not ((scores < 0) | (scores > 1)).any()


def min_max_vote(votes: Ballots, scores: np.ndarray) -> np.ndarray:
    """`weighted_vote` by (n,) scores. With equal scores it is the majority vote.

    Dividing the weights by the spread would not change who wins, so the tolerance is multiplied by it instead.
    """
    scored = ~np.isnan(scores)
    if not scored.any():
        return votes.accuracy(votes.votes)
    above_lowest = np.where(scored, scores - np.min(scores[scored]), 0.0)
    placed = above_lowest[votes.order]
    scored_votes, lowest_of, highest_of = votes.votes, placed, placed
    if not scored.all():
        scored_votes = votes.total(scored.astype(float))
        lowest_of, highest_of = (np.where(scored, above_lowest, end)[votes.order] for end in (np.inf, -np.inf))
    lowest, highest = votes.running(np.minimum, lowest_of), votes.running(np.maximum, highest_of)
    has_score = np.isfinite(lowest)
    lowest, spread = np.where(has_score, lowest, 0), np.where(has_score, highest - lowest, 0)
    totals = votes.total(placed) - lowest[:, None] * scored_votes
    for unequal, counted in ((has_score, scored_votes), (~has_score, votes.votes)):
        ks, rows = np.nonzero(unequal & (spread == 0))
        totals[ks, :, rows] = counted[ks, :, rows]
    return votes.accuracy(totals, np.where(spread == 0, 1, spread))
