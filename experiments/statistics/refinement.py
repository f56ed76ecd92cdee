"""What loops of refinement do to answers, from chains of verdicts: repairs, damage, and the slope from round to round.

A chain is the verdicts of its answers in order, True for right. Where it ended early, its last answer stands in later rounds.
Inference-Time Scaling for Complex Tasks: Where We Stand and What Lies Ahead, 2025.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .estimates import Estimate
from .intervals import BY_PROBLEM, Bands, bootstrap_bands, bootstrap_mean, bootstrap_means, estimates, middle, wilson

Chain = Sequence[bool]


@dataclass(frozen=True, eq=False)
class Refinement:
    """All of one loop. `n_wrong` and `n_right` count the answers that another one followed; each estimate's n is of problems.

    correction:     wrong turned right, as a share of the wrong ones that were followed
    overcorrection: right turned wrong, as a share of the right ones that were followed; no value where an oracle stopped at them
    slope:          mean gain of accuracy per round, a least-squares line by problem
    by_round:       accuracy of the answers that stand after each round, the first answers included
    solved:         whether any answer up to each round was right: what an oracle could stop at
    corrections, overcorrections: the same rates by round, the first element from the first answer to the second
    """

    correction: Estimate
    overcorrection: Estimate
    slope: Estimate
    best: Estimate
    average: Estimate
    worst: Estimate
    by_round: Bands
    solved: Bands
    corrections: list[Estimate]
    overcorrections: list[Estimate]
    n_wrong: int
    n_right: int


def refinement(chains: dict[str, Sequence[Chain]], rng: np.random.Generator) -> Refinement:
    """Of at least one problem with its chains, which have at least one answer each.

    best, average, worst: whether any, what share, and whether all of a problem's answers are right, chains and rounds together.
    """
    n_rounds = max(len(chain) for each in chains.values() for chain in each)
    moves = np.array(
        [_moves(each, n_rounds - 1) for each in chains.values()]
    )  # problems, rounds, (wrong, repaired, right, spoilt)
    standing = np.array([np.mean([_standing(chain, n_rounds) for chain in each], axis=0) for each in chains.values()])
    verdicts = [np.concatenate([np.asarray(chain, dtype=bool) for chain in each]) for each in chains.values()]
    summary = np.array([[each.any(), each.mean(), each.all()] for each in verdicts], dtype=float)
    best, average, worst = estimates(bootstrap_bands(summary, rng))
    in_all = moves.sum(axis=1)
    return Refinement(
        correction=rate(in_all[:, 1], in_all[:, 0], rng),
        overcorrection=rate(in_all[:, 3], in_all[:, 2], rng),
        slope=bootstrap_mean(slopes(standing), rng) if n_rounds > 1 else Estimate(None, None, None, 0, BY_PROBLEM),
        best=best,
        average=average,
        worst=worst,
        by_round=bootstrap_bands(standing, rng),
        solved=bootstrap_bands(np.array([_solved(each, n_rounds) for each in chains.values()]), rng),
        corrections=[rate(moves[:, round_, 1], moves[:, round_, 0], rng) for round_ in range(n_rounds - 1)],
        overcorrections=[rate(moves[:, round_, 3], moves[:, round_, 2], rng) for round_ in range(n_rounds - 1)],
        n_wrong=int(in_all[:, 0].sum()),
        n_right=int(in_all[:, 2].sum()),
    )


def rate(events: np.ndarray, chances: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Events per chance over all problems, from (problems,) counts; n counts the problems that had a chance.

    Problems are resampled, not chances: those of one problem are alike. Where nothing or everything happened resampling would
    give no width at all; the interval is then Wilson's for as many problems.
    """
    had_one = chances > 0
    n = int(had_one.sum())
    if not n:
        return Estimate(None, None, None, 0, BY_PROBLEM)
    counts = np.column_stack([events, chances])[had_one].astype(float)
    value = float(counts[:, 0].sum() / counts[:, 1].sum())
    if n < 2:
        return Estimate(value, None, None, n, BY_PROBLEM)
    if value in (0, 1):
        return wilson(int(value) * n, n)
    resampled = bootstrap_means(counts, rng)
    low, high = np.percentile(resampled[:, 0] / resampled[:, 1], middle(n)).tolist()
    return Estimate(value, low, high, n, BY_PROBLEM)


def slopes(standing: np.ndarray) -> np.ndarray:
    """(problems,) least-squares slopes per round of a (problems, rounds) matrix with at least two rounds."""
    rounds = np.arange(standing.shape[1]) - (standing.shape[1] - 1) / 2
    return standing @ rounds / (rounds @ rounds)


def over_budget(ratios: np.ndarray, rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """How often more was spent than the budget, and how much on average, from (problems,) multiples of the budget."""
    return bootstrap_mean((ratios > 1).astype(float), rng), bootstrap_mean(ratios, rng)


def _moves(chains: Sequence[Chain], n_steps: int) -> np.ndarray:
    """(steps, 4): wrong answers that were followed, those of them repaired, right ones followed, those of them spoilt."""
    counts = np.zeros((n_steps, 4), dtype=int)
    for chain in chains:
        for step, (before, after) in enumerate(pairwise(chain)):
            counts[step] += (not before, not before and after, before, before and not after)
    return counts


def _standing(chain: Chain, n_rounds: int) -> np.ndarray:
    """(rounds,) whether the answer that stands after each round is right."""
    return np.array([chain[min(round_, len(chain) - 1)] for round_ in range(n_rounds)], dtype=float)


def _solved(chains: Sequence[Chain], n_rounds: int) -> np.ndarray:
    """(rounds,) whether any of the chains has had a right answer by each round."""
    return np.array([any(any(chain[: round_ + 1]) for chain in chains) for round_ in range(n_rounds)], dtype=float)
