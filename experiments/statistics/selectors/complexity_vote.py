"""Complexity-based voting: the samples with the most reasoning steps vote. Complexity-Based Prompting, 2022 (ICLR 2023)."""

from math import ceil

import numpy as np

from ..pools import Pool
from .ballots import Ballots, ballots


def complexity_vote(pool: Pool, ks: tuple[int, ...], seed: int, share: float = 0.7) -> np.ndarray:
    """Majority among the ceil(share k) of the k samples with the most steps; at least 200 subsets drawn from `seed`.

    Samples without an answer come last. Equal steps: the order of the draws decides, which is chance. With share = 1 this is
    the majority vote. Where models think at length the longest texts are often wrong, and so is this vote.
    """
    return top_vote(ballots(pool, ks, seed), pool, {k: ceil(share * k) for k in ks})


def top_vote(votes: Ballots, pool: Pool, kept: dict[int, int]) -> np.ndarray:
    """Majority among the `kept[k]` samples of k with the most steps, for every k of the ballots."""
    steps = np.where(pool.answers >= 0, pool.steps, -1)
    place = np.arange(len(votes.order))[:, None]
    keys = (steps[votes.order] * len(place) - place).astype(np.int32)  # all different within an order
    counted = [
        votes.count(k, _top(keys[:k], kept[k])) if kept[k] < k else votes.votes[i] for i, k in enumerate(votes.sorted_ks.tolist())
    ]
    return votes.accuracy(np.stack(counted))


def _top(keys: np.ndarray, n: int) -> np.ndarray:
    """(k, rows) bool: the n largest keys of each column."""
    at = len(keys) - n
    return keys >= np.partition(np.ascontiguousarray(keys.T), at, axis=1)[:, at]
