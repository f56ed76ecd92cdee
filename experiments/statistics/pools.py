"""The arrays that every estimator of repeated sampling starts from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    sentences:     (n,) int, its sentences
    truncated:     (n,) bool, whether it was cut off before an answer
    mean_logprobs: (n,) float, mean natural-log probability per token, NaN where unknown
    logprob_sums:  (n,) float, natural-log probability of the whole text, NaN where unknown
    texts:         (n,) int, equal numbers are equal texts
    wordings:      (n,) int, equal numbers are the same words, in other pools too
    read:          n times the canonical answer, None where there is none
    cluster:       what the problem shares with others that are no further evidence, None where nothing is known of that
    read:          n times the canonical answer, None where there is none
    cluster:       what the problem shares with others that are no further evidence, None where nothing is known of that
    left_behind:   (n,) bool, wrong samples that had named a right answer before, where the question does not mention it
    grading:       n times what else the grader found, by name; plain JSON
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
    sentences: np.ndarray | None = None
    truncated: np.ndarray | None = None
    mean_logprobs: np.ndarray | None = None
    logprob_sums: np.ndarray | None = None
    texts: np.ndarray | None = None
    wordings: np.ndarray | None = None
    left_behind: np.ndarray | None = None
    read: Sequence[str | None] | None = None
    cluster: str | None = None
    read: Sequence[str | None] | None = None
    cluster: str | None = None
    grading: Sequence[dict[str, Any]] | None = None
    accepted: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.correct)


def offered(pools: Sequence[Pool], verifier: str) -> frozenset[str]:
    """What selectors and analyses may ask of these pools.

    "scores": the verifier scored something; "weights": with scores between 0 and 1 only; "logprobs", "lengths" (words and
    steps), "texts" (which are equal), "endings" (which were cut off) and "second_grader" as they were recorded.
    """
    found = {
        "logprobs": _has_number(pool.mean_logprobs for pool in pools),
        "lengths": all(pool.words is not None and pool.steps is not None for pool in pools),
        "texts": all(pool.texts is not None for pool in pools),
        "endings": all(pool.truncated is not None for pool in pools),
        "second_grader": bool(pools) and bool(set.intersection(*(set(pool.accepted) for pool in pools))),
    }
    scores = [pool.scores.get(verifier) for pool in pools]
    found["scores"] = _has_number(scores)
    found["weights"] = found["scores"] and all(
        np.nanmin(each, initial=0) >= 0 and np.nanmax(each, initial=0) <= 1 for each in scores
    )
    return frozenset(name for name, is_there in found.items() if is_there)


def _has_number(arrays: Iterable[np.ndarray | None]) -> bool:
    """Whether every pool has the array and some sample a number in it."""
    arrays = list(arrays)
    return all(array is not None for array in arrays) and any(np.isfinite(array).any() for array in arrays)
