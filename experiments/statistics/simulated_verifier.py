"""A verifier that errs at set rates, over real samples: what verifier quality would it take?

The question of Inference Scaling fLaws: The Limits of LLM Resampling with Imperfect Verifiers, 2024, asked of one's own pools.
"""

import numpy as np
from scipy.stats import binom, hypergeom


def best_by_simulated(n: int, n_correct: int, k: int, false_positive: float, false_negative: float) -> float:
    """The chance to be right when one of the accepted among k samples is handed in, any of the k where none is accepted. Exact.

    It accepts a wrong sample with chance `false_positive` and rejects a right one with `false_negative`, each sample by
    itself. At most n of each of h right ones in the subset (hypergeometric), t of them accepted (binomial), f wrong ones
    accepted (binomial): right with t / (t + f).
    """
    right_drawn = np.arange(max(0, k - (n - n_correct)), min(k, n_correct) + 1)
    chance = hypergeom.pmf(right_drawn, n, n_correct, k)
    accuracy = [_accuracy(int(h), int(k - h), false_positive, false_negative) for h in right_drawn]
    return float(chance @ np.array(accuracy))


def _accuracy(n_right: int, n_wrong: int, false_positive: float, false_negative: float) -> float:
    t = np.arange(n_right + 1)
    f = np.arange(n_wrong + 1)
    joint = np.outer(binom.pmf(t, n_right, 1 - false_negative), binom.pmf(f, n_wrong, false_positive))
    accepted = t[:, None] + f
    share = np.where(accepted > 0, t[:, None] / np.maximum(accepted, 1), n_right / (n_right + n_wrong))
    return float((joint * share).sum())


def simulated_curve(n: int, n_correct: np.ndarray, k: int, false_positives: np.ndarray, false_negative: float) -> np.ndarray:
    """(problems, len(false_positives)) for problems with n samples each, `n_correct` of them right."""
    counts, row = np.unique(n_correct, return_inverse=True)
    return np.array([[best_by_simulated(n, int(c), k, rate, false_negative) for rate in false_positives] for c in counts])[row]
