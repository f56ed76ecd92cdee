"""PassUntil: sample until r successes, so that tiny pass rates can be told apart.

Predicting Emergent Abilities with Infinite Resolution Evaluation, 2023 (ICLR 2024).
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class PassUntil:
    """By problem: `draws` used, `rates` (maximum likelihood), `unbiased` rates (NaN for r = 1), whether it was `censored`.

    Censored means fewer than r passes in all draws; `upper` is then the 95% bound of a rate that was never seen to pass.
    """

    draws: np.ndarray
    rates: np.ndarray
    unbiased: np.ndarray
    censored: np.ndarray
    upper: np.ndarray


def pass_until(outcomes: list[np.ndarray], r: int) -> PassUntil:
    """From each problem's outcomes (n,) bool in the order drawn: r / K with K the draw of the r-th pass, else passes / n.

    The unbiased variant is (r - 1) / (K - 1), and passes / n where censored, which is unbiased for nothing but near it.
    """
    draws, rates, unbiased, censored, upper = [], [], [], [], []
    for passed in outcomes:
        at = np.flatnonzero(passed)
        done = len(at) >= r
        n = int(at[r - 1]) + 1 if done else len(passed)
        draws.append(n)
        rates.append(r / n if done else len(at) / n)
        unbiased.append((r - 1) / (n - 1) if done and r > 1 and n > 1 else len(at) / n if not done else np.nan)
        censored.append(not done)
        upper.append(1 - 0.05 ** (1 / n) if len(at) == 0 else np.nan)
    return PassUntil(*map(np.array, (draws, rates, unbiased, censored, upper)))


def sensitive_scale(score: float) -> float | None:
    """F = log(-log score): linear in the log of the model's size under the task law; None at 0 and 1."""
    return float(np.log(-np.log(score))) if 0 < score < 1 else None
