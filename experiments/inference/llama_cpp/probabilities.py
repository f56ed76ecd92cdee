"""What one row of raw logits says, before temperature and filters. Natural logs and nats."""

import math
from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """How a distribution p over V tokens is spread, in nats.

    `entropy` is -sum(p log p). `self_certainty` is the Kullback-Leibler divergence of p from the uniform distribution,
    -mean(log(V p)): 0 where all are alike, and higher the surer the model is (Kang, Zhao, Song 2025, Scalable Best-of-N
    Selection for Large Language Models via Self-Certainty). Tokens that cannot come, of logit -inf, do not count into V.
    """

    entropy: float
    self_certainty: float


def spread(logits: np.ndarray) -> Spread:
    """Of the whole vocabulary's distribution."""
    possible = logits[logits > -np.inf]
    shifted = possible - possible.max()
    weights = np.exp(shifted)
    total = float(weights.sum(dtype=np.float64))
    return Spread(
        entropy=math.log(total) - float(np.dot(weights, shifted)) / total,
        self_certainty=math.log(total) - float(shifted.mean(dtype=np.float64)) - math.log(len(possible)),
    )


def likeliest(logits: np.ndarray, n: int) -> list[tuple[int, float]]:
    """(token, logprob) of the `n` likeliest tokens, likeliest first; of equal ones the lowest id."""
    n = min(n, len(logits))
    least = np.partition(logits, -n)[-n]
    candidates = np.flatnonzero(logits >= least)
    candidates = candidates[np.argsort(-logits[candidates], kind="stable")][:n]
    log_total = _log_total(logits)
    return [(int(token), float(logits[token]) - log_total) for token in candidates]


def logprobs_of(rows: np.ndarray, tokens: list[int]) -> list[float]:
    """The logprob of each token in its own row; `rows` has shape (tokens, vocabulary)."""
    return [float(row[token]) - _log_total(row) for row, token in zip(rows, tokens, strict=True)]


def _log_total(logits: np.ndarray) -> float:
    top = logits.max()
    return float(top) + math.log(float(np.exp(logits - top).sum(dtype=np.float64)))
