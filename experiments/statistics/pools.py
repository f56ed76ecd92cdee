"""The arrays that every estimator of repeated sampling starts from."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Pool:
    """n independent samples of one problem under one condition, in the order they were drawn. Compared by identity.

    answers:  (n,) int, equal numbers are equal canonical answers, -1 where there is none (it never votes, but it counts)
    correct:  (n,) bool
    scores:   verifier name -> (n,) float, NaN where the sample has no score
    tokens:   (n,) int, completion tokens
    problem:  the problem's key; pools of the same problem are paired across conditions
    """

    problem: str
    answers: np.ndarray
    correct: np.ndarray
    tokens: np.ndarray
    scores: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.correct)
