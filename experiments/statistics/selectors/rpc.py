"""RPC: perplexity consistency after pruning improbable paths.

Bridging Internal Probability and Self-Consistency for Effective and Efficient LLM Reasoning, 2025.
"""

from collections.abc import Sequence

import numpy as np

from ..pools import Pool
from ..subsets import check_sizes, orders
from ..weibull_mixture import fit_weibull_mixture
from .ballots import DRAWS
from .perplexity_consistency import is_first_of_text, path_probabilities, perplexity_consistency

#: Below this many samples the mixture cannot be told from one component, and nothing is pruned.
FEWEST = 16
#: Every subset needs a fit of its own, so there are fewer of them than for votes: about this many samples in all per k.
_SAMPLES_FITTED = 256
#: Samples fitted at once, to stay in the processor's cache.
_CHUNK = 200_000


def rpc(pools: Sequence[Pool], ks: tuple[int, ...], seed: int) -> np.ndarray:
    """The chance that the answer RPC picks is correct, ties split evenly, of shape (pools, len(ks)).

    Perplexity consistency without the texts that more probably belong to the lower of two Weibull densities and are less
    probable than the mean. Bridging Internal Probability and Self-Consistency for Effective and Efficient LLM Reasoning, 2025.
    Below 16 samples nothing is dropped. The mixture is fitted to the k samples of each subset and to no others, so there are
    few subsets from 16 on, 256 // n of a pool of n: their noise is part of the spread between problems.
    """
    found = np.empty((len(pools), len(ks)))
    sizes = np.array([pool.n for pool in pools])
    small = [i for i, k in enumerate(ks) if k < FEWEST]
    if small:
        short = tuple(ks[i] for i in small)
        found[:, small] = [perplexity_consistency(pool, short, seed) for pool in pools]
    for n in np.unique(sizes):
        check_sizes(n, ks)
        same = np.flatnonzero(sizes == n)
        for column, k in enumerate(ks):
            if k >= FEWEST:
                rows = _subsets(n, k, seed)
                at_once = max(1, _CHUNK // rows.size)
                for start in range(0, len(same), at_once):
                    part = same[start : start + at_once]
                    found[part, column] = _on_subsets([pools[i] for i in part], rows)
    return found


def _subsets(n: int, k: int, seed: int) -> np.ndarray:
    """(rows, k) sample positions; the one there is at k = n."""
    drawn = orders(n, DRAWS, seed)[:, :k]
    wanted = 1 if k == n else max(1, _SAMPLES_FITTED // n)
    return drawn[np.linspace(0, len(drawn), wanted, endpoint=False).astype(int)]


def _on_subsets(pools: Sequence[Pool], subsets: np.ndarray) -> np.ndarray:
    """(pools,) mean accuracy over the subsets, the same positions for every pool."""
    shape = (len(pools) * len(subsets), subsets.shape[1])
    p = np.stack([path_probabilities(pool)[subsets] for pool in pools]).reshape(shape)
    answers = np.stack([pool.answers[subsets] for pool in pools]).reshape(shape)
    correct = np.stack([pool.correct[subsets] for pool in pools]).reshape(shape)
    texts = np.stack([(np.arange(pool.n) if pool.texts is None else pool.texts)[subsets] for pool in pools]).reshape(shape)
    distinct = np.where(is_first_of_text(texts), p, 0.0)
    return _credit(answers, correct, distinct, ~is_pruned(p)).reshape(len(pools), -1).mean(axis=1)


def is_pruned(p: np.ndarray) -> np.ndarray:
    """(rows, n) bool: paths of the low component whose probability is also below the mean. A probability of 0 is unknown."""
    known = np.maximum(p, 1e-12)
    return fit_weibull_mixture(known).is_low(known) & (p < p.mean(axis=1, keepdims=True))


def _credit(answers: np.ndarray, correct: np.ndarray, weights: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """(rows,) share of the winning answers that are right.

    Where pruning leaves no answer, nothing was pruned; where no path has a weight, each counts the same.
    """
    rows = len(answers)
    n_answers = int(answers.max()) + 2  # -1, no answer, takes the first column
    cells = (answers + 1 + np.arange(rows)[:, None] * n_answers).ravel()

    def totals(each: np.ndarray) -> np.ndarray:
        return np.bincount(cells, each.ravel(), minlength=rows * n_answers).reshape(rows, n_answers)[:, 1:]

    present, right, survived = totals(np.ones(answers.shape)), totals(correct), totals(weights * kept)
    for instead in (weights, np.ones(answers.shape)):
        nothing_left = ~survived.any(axis=1)
        if nothing_left.any():
            survived[nothing_left] = totals(instead)[nothing_left]
    largest = survived.max(axis=1, keepdims=True)
    winners = (survived >= largest * (1 - 1e-9)) & (present > 0)
    share_right = right / np.maximum(present, 1)
    return (winners * share_right).sum(axis=1) / np.maximum(winners.sum(axis=1), 1)
