"""What one row of raw logits says, before temperature and filters. Natural logs and nats."""

import math

import numpy as np


def entropy(logits: np.ndarray) -> float:
    """Of the whole vocabulary's distribution, in nats."""
    shifted = logits - logits.max()
    weights = np.exp(shifted)
    total = float(weights.sum(dtype=np.float64))
    # A token of probability 0 has a logit of -inf, and 0 * -inf is not a number.
    possible = weights > 0
    return math.log(total) - float(np.dot(weights[possible], shifted[possible])) / total


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
