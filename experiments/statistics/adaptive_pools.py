"""Stopping rules played over pools that were drawn in full: random orders of the samples, the rule applied to each.

Adaptive Inference-Time Compute: LLMs Can Predict if They Can Do Better, Even Mid-Generation, 2024, evaluates its rules so. Every
order of independent draws is as likely as every other, so the averages over orders are unbiased for what the rule would reach.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import betainc

from .pools import Pool


class Played(NamedTuple):
    """(rules,) accuracy of what is handed in and samples drawn, both averaged over the orders."""

    accuracy: np.ndarray
    drawn: np.ndarray


def play_vote(pool: Pool, risks: Sequence[float], orders: np.ndarray) -> Played:
    """Draw until the runner-up is really ahead with at most this chance (Beta posterior), or can no longer win.

    orders: (orders, N) samples in the order they are drawn, N being the most that a rule may draw.
    """
    answers = pool.answers[orders]
    n_max = orders.shape[1]
    classes = np.unique(pool.answers[pool.answers >= 0])
    votes = (answers[:, :, None] == classes).cumsum(axis=1)  # orders, draws, classes
    first, second = _top_two(votes)
    drawn = np.arange(1, n_max + 1)
    risk = betainc(first + 1, second + 1, 0.5)
    decided = first - second > n_max - drawn
    leads = (votes == first[:, :, None]) & (first > 0)[:, :, None]
    share_right = np.array([pool.correct[pool.answers == each].mean() for each in classes])
    # A tie at the end is drawn by lot.
    right = (leads @ share_right) / np.maximum(leads.sum(axis=2), 1)
    return _play([(risk <= limit) | decided for limit in risks], right)


def play_score(pool: Pool, verifier: str, thresholds: Sequence[float], orders: np.ndarray) -> Played:
    """Draw until a sample scores at least the threshold, and hand in the highest; a missing score ranks last."""
    scores = np.nan_to_num(pool.scores[verifier], nan=-np.inf)[orders]
    highest = np.maximum.accumulate(scores, axis=1)
    is_new = highest > np.hstack([highest[:, :1], highest[:, :-1]])
    with_highest = _since(is_new, scores == highest)
    right = _since(is_new, (scores == highest) & pool.correct[orders]) / with_highest
    return _play([highest >= threshold for threshold in thresholds], right)


def _play(stops: Sequence[np.ndarray], right: np.ndarray) -> Played:
    """The first draw at which each rule stops, the last at the latest; all arrays are (orders, draws)."""
    accuracy, drawn = [], []
    for stop in stops:
        at = np.where(stop.any(axis=1), stop.argmax(axis=1), right.shape[1] - 1)
        accuracy.append(right[np.arange(len(at)), at].mean())
        drawn.append(at.mean() + 1)
    return Played(np.array(accuracy), np.array(drawn))


def _since(is_new: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """(orders, draws) how many have counted since the last draw at which something new began."""
    total = counted.cumsum(axis=1)
    return total - np.maximum.accumulate(np.where(is_new, total - counted, 0), axis=1)


def _top_two(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(orders, draws) the largest and the second largest number of votes."""
    padded = np.concatenate([votes, np.zeros((*votes.shape[:2], 2), dtype=votes.dtype)], axis=2)
    top = np.partition(padded, -2, axis=2)
    return top[:, :, -1], top[:, :, -2]
