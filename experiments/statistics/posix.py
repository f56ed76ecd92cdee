"""How much depends on which of several prompts of the same meaning is asked. POSIX: A Prompt Sensitivity Index, 2024."""

import numpy as np


def gaps(logprobs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(N, N) |log P(y_j | x_i) - log P(y_j | x_j)| / L_j in nats per token, NaN for an answer without tokens.

    logprobs: (N, N), [i, j] = log P(y_j | x_i), y_j being the answer to prompt x_j; lengths: (N,) its tokens, L_j.

    This is the paper's formula. The package it released divides by the allowed length, and compares two answers under one
    prompt where the formula compares one answer under two.
    """
    empty = lengths == 0
    apart = np.abs(logprobs - np.diag(logprobs)) / np.where(empty, 1, lengths)
    apart[:, empty] = np.nan
    return apart


def psi(logprobs: np.ndarray, lengths: np.ndarray) -> float | None:
    """The index of one set: the mean of `gaps` over all pairs of different prompts.

    Answers without tokens are left out with their pairs. None with fewer than two prompts or where no pair is known.
    """
    n = len(lengths)
    apart = gaps(logprobs, lengths)[~np.eye(n, dtype=bool)]
    return float(np.nanmean(apart)) if (~np.isnan(apart)).any() else None


def flip_index(answers: np.ndarray) -> float:
    """1 - sum_a (n_a / N)^2 over the (N,) numbered answers to the prompts of a set: 0 where all agree.

    The chance that two prompts drawn with replacement lead to different answers. -1, no answer found, counts as one of them.
    """
    return 1 - float((_shares(answers) ** 2).sum())


def n_different(answers: np.ndarray) -> int:
    """How many different answers the set has; -1 counts as one."""
    return len(np.unique(answers))


def answer_entropy(answers: np.ndarray) -> float:
    """Of the distribution of answers over the set, in nats."""
    shares = _shares(answers)
    return float(-(shares * np.log(shares)).sum()) + 0.0


def confidence_variance(mean_logprobs: np.ndarray) -> float | None:
    """Of exp(mean log-probability of an answer's tokens) over the set's prompts; None where it is known of fewer than two."""
    known = mean_logprobs[~np.isnan(mean_logprobs)]
    return float(np.var(np.exp(known))) if len(known) > 1 else None


def _shares(answers: np.ndarray) -> np.ndarray:
    return np.unique(answers, return_counts=True)[1] / len(answers)
