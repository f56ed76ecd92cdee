"""What one changed constant of a format does to accuracy, problem by problem.

Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design, 2023.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .estimates import Estimate
from .intervals import bootstrap_mean, wilson
from .paired import holm, mcnemar_mid_p, sign_flip

#: A change of so many points is counted as one that matters.
NOTABLE = 0.05
#: Three exchangeable accuracies, all different, lie in order with this probability.
MONOTONE_BY_CHANCE = 1 / 3


@dataclass(frozen=True)
class Change:
    """Accuracy after minus before on the same problems; `adjusted_p` is Holm's over all the changes tested together."""

    difference: Estimate
    p: float
    adjusted_p: float

    @property
    def is_notable(self) -> bool:
        return abs(self.difference.value) >= NOTABLE - 1e-12


def changes(pairs: Sequence[tuple[np.ndarray, np.ndarray]], rng: np.random.Generator) -> list[Change]:
    """Of (before, after) shares of right answers per problem, each (problems,)."""
    p_values = [paired_p(before, after, rng) for before, after in pairs]
    differences = [bootstrap_mean(after - before, rng) for before, after in pairs]
    return [Change(*each) for each in zip(differences, p_values, holm(p_values), strict=True)]


def paired_p(before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> float:
    """McNemar's mid-p where every problem was answered once, and a sign-flip test for shares over repeats."""
    if np.isin(np.concatenate([before, after]), (0.0, 1.0)).all():
        return mcnemar_mid_p(int((before > after).sum()), int((after > before).sum()))
    return sign_flip(after - before, rng)


def monotone_share(paths: np.ndarray) -> Estimate:
    """Of (paths, 3) accuracies along v1-v2-v3, the share that only goes up or only down, with Wilson's interval.

    Paths with two equal accuracies are left out: only among different ones is chance a third. `n` counts the others.
    """
    first, second = paths[:, 1] - paths[:, 0], paths[:, 2] - paths[:, 1]
    differ = (first != 0) & (second != 0) & (paths[:, 0] != paths[:, 2])
    return wilson(int((first * second > 0)[differ].sum()), int(differ.sum()))
