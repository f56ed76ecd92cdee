"""Perplexity consistency (PC): vote with the probabilities of the distinct texts instead of counting them.

Bridging Internal Probability and Self-Consistency for Effective and Efficient LLM Reasoning, 2025.
"""

import numpy as np

from ..pools import Pool
from .ballots import Ballots, ballots


def perplexity_consistency(pool: Pool, ks: tuple[int, ...], seed: int) -> np.ndarray:
    """The chance that the answer with the largest p_PC is correct, ties split evenly; at least 200 subsets drawn from `seed`.

    p_PC(answer) is the sum of exp(mean logprob) over the distinct texts among the k that give it. The per-token mean is what
    the paper's code takes; its theory takes the whole text's probability. Bridging Internal Probability and Self-Consistency
    for Effective and Efficient LLM Reasoning, 2025. Logprobs that count a template's or the end's tokens distort it.
    """
    return distinct_vote(ballots(pool, ks, seed), pool, path_probabilities(pool))


def whole_text_consistency(pool: Pool, ks: tuple[int, ...], seed: int) -> np.ndarray:
    """Perplexity consistency with the probability of the whole text, relative to the pool's likeliest: the paper's theory.

    One short text outweighs all long ones, so it is close to picking the shortest.
    """
    known = ~np.isnan(pool.logprob_sums)
    top = np.max(pool.logprob_sums, where=known, initial=-np.inf)
    return distinct_vote(ballots(pool, ks, seed), pool, np.where(known, np.exp(pool.logprob_sums - top), 0.0))


def path_probabilities(pool: Pool) -> np.ndarray:
    """(n,) exp(mean logprob); 0 where it is unknown."""
    return np.nan_to_num(np.exp(pool.mean_logprobs), nan=0.0)


def distinct_vote(votes: Ballots, pool: Pool, weights: np.ndarray) -> np.ndarray:
    """The vote by fixed weights in which a text drawn twice among the k counts once."""
    if pool.texts is None or len(np.unique(pool.texts)) == pool.n:
        return votes.by_total(votes.total(weights))
    placed = np.where(is_first_of_text(pool.texts[votes.order].T).T, weights[votes.order], 0.0)
    return votes.by_total(votes.total(placed))


def is_first_of_text(texts: np.ndarray) -> np.ndarray:
    """(rows, k) bool: the places whose text, a number from 0 on, stands nowhere before in their row."""
    rows, k = texts.shape
    cells = (texts + np.arange(rows)[:, None] * (texts.max() + 1)).ravel()
    place = np.tile(np.arange(k), rows)
    first = np.empty(rows * (int(texts.max()) + 1), dtype=int)
    first[cells[::-1]] = place[::-1]  # of several values for one cell the last written stays: the earliest place
    return (first[cells] == place).reshape(rows, k)


def class_probabilities(pool: Pool, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(distinct answers, share of the summed weight of distinct texts): the vote over the whole pool with its confidence."""
    texts = np.arange(pool.n) if pool.texts is None else pool.texts
    _, first = np.unique(texts, return_index=True)
    counted = first[pool.answers[first] >= 0]
    answers, member_of = np.unique(pool.answers[counted], return_inverse=True)
    totals = np.bincount(member_of, weights=weights[counted], minlength=len(answers))
    return answers, totals / totals.sum() if totals.sum() > 0 else np.full(len(answers), 1 / max(len(answers), 1))
