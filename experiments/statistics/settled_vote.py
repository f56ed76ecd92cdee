"""How sure a vote is that its leader is the most probable answer, and how many more votes could make it sure.

Let's Sample Step by Step: Adaptive-Consistency for Efficient Reasoning and Coding with LLMs, 2023. Counts of votes by answer,
a uniform prior over the answers' probabilities; the risk is the posterior probability that the leader is not the first choice.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import betainc, gammainc, gammaincinv

Risk = Callable[[Sequence[int]], float]

# Nodes of the integral: enough for six decimals, as a comparison with the exact two-answer case shows.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def beta_risk(counts: Sequence[int]) -> float:
    """That the runner-up is really ahead of the leader, all other answers left aside: P(Beta(a + 1, b + 1) < 1/2)."""
    first, second, *_ = [*sorted(counts, reverse=True), 0, 0]
    return float(betainc(first + 1, second + 1, 0.5))


def dirichlet_risk(counts: Sequence[int]) -> float:
    """That any other answer is really ahead of the leader, one that nobody has given yet included.

    With X_i ~ Gamma(count_i + 1) for the answers and Gamma(1) for the unseen one, this is 1 - E[prod_j P(X_j < X_leader)],
    integrated over the quantiles of X_leader.
    """
    first, *others = [*sorted(counts, reverse=True)] or [0]
    quantiles = gammaincinv(first + 1, (_NODES + 1) / 2)
    ahead_of_all = gammainc(np.array([*others, 0])[:, None] + 1, quantiles).prod(axis=0)
    return float(1 - _WEIGHTS @ ahead_of_all / 2)


RISKS: dict[str, Risk] = {"beta": beta_risk, "dirichlet": dirichlet_risk}


def is_decided(counts: Sequence[int], n_left: int) -> bool:
    """Whether the leader wins whatever the votes still to come are."""
    first, second, *_ = [*sorted(counts, reverse=True), 0, 0]
    return first - second > n_left


def fewest_to_settle(counts: Sequence[int], n_left: int, risk: Risk, limit: float) -> int:
    """How many more votes it takes at the least, all of them for the leader; `n_left` where these do not do.

    So many can be asked for at once: after any fewer the vote cannot have been settled yet, and nothing is drawn in vain.
    """
    first, *others = [*sorted(counts, reverse=True)] or [0]
    for more in range(1, n_left):
        best_case = [first + more, *others]
        if risk(best_case) <= limit or is_decided(best_case, n_left - more):
            return more
    return n_left
