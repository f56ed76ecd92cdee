"""The arrays that every estimator of repeated sampling starts from."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Pool:
    """n independent samples of one problem under one condition, in the order they were drawn. Compared by identity.

    answers:       (n,) int, equal numbers are equal canonical answers, -1 where there is none (it never votes, but it counts)
    correct:       (n,) bool
    scores:        verifier name -> (n,) float, NaN where the sample has no score
    tokens:        (n,) int, completion tokens
    problem:       the problem's key; pools of the same problem are paired across conditions
    words, steps:  (n,) int, words and reasoning steps of the text
    mean_logprobs: (n,) float, mean natural-log probability per token, NaN where unknown
    logprob_sums:  (n,) float, natural-log probability of the whole text, NaN where unknown
    texts:         (n,) int, equal numbers are equal texts
    accepted:      further grader -> (n,) bool, whether it too found the sample correct; only graders that judged all n

    What was not recorded is None, or missing from its dictionary.
    """

    problem: str
    answers: np.ndarray
    correct: np.ndarray
    tokens: np.ndarray
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    words: np.ndarray | None = None
    steps: np.ndarray | None = None
    mean_logprobs: np.ndarray | None = None
    logprob_sums: np.ndarray | None = None
    texts: np.ndarray | None = None
    accepted: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.correct)
