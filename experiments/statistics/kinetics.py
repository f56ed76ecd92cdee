"""The cost law that counts reading the key-value cache, and frontiers of accuracy under it. Kinetics, 2025."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shape:
    """Of dense attention: query heads, key-value heads, layers and the numbers in one head. `bytes_per_number` of the cache."""

    n_heads: int
    n_kv_heads: int
    n_layers: int
    head_size: int
    bytes_per_number: float = 2.0

    @property
    def depth(self) -> int:
        """Numbers that one head keeps for a token over all layers."""
        return self.head_size * self.n_layers


@dataclass(frozen=True)
class KineticCost:
    """eFLOPs are `compute` + the machine's FLOPs per byte x `traffic`."""

    compute: float
    traffic: float


def kinetic_cost(n_parameters: float, shape: Shape, n_in: float, n_out: float, n_samples: int) -> KineticCost:
    """Of `n_samples` texts of `n_out` tokens that share a prompt of `n_in` tokens and its cache.

    As the paper has it: reading the parameters is left out, since batching spreads it, and so is computing the prompt.
    """
    one = 2 * n_parameters * n_out + 2 * (2 * n_in + n_out) * n_out * shape.n_heads * shape.depth
    kept = 2 * (2 * n_in + n_out * n_samples) * n_out * shape.n_kv_heads * shape.depth
    return KineticCost(one * n_samples, kept * shape.bytes_per_number / 2)


@dataclass(frozen=True)
class Frontier:
    """The best mean accuracy that each budget buys. `by_problem` chooses per problem in hindsight and so is an oracle's;
    `fixed` takes the same configuration for all problems, its index in `chosen` (-1 where the budget buys none)."""

    budgets: np.ndarray
    by_problem: np.ndarray
    fixed: np.ndarray
    chosen: np.ndarray


def frontier(accuracy: np.ndarray, cost: np.ndarray, n_budgets: int = 100) -> Frontier:
    """From (problems, configurations) accuracies and positive costs, for log-spaced budgets.

    A problem for which nothing is affordable counts 0. One configuration for all is affordable by its mean cost.
    """
    budgets = np.geomspace(cost.min(), max(cost.max(), cost.min()), n_budgets)
    budgets[-1] = cost.max()
    affordable = cost[None] <= budgets[:, None, None]
    by_problem = np.where(affordable, accuracy[None], 0.0).max(axis=2).mean(axis=1)
    means, mean_costs = accuracy.mean(axis=0), cost.mean(axis=0)
    within = np.where(mean_costs[None] <= budgets[:, None] * (1 + 1e-12), means[None], -1.0)
    chosen = np.where(within.max(axis=1) < 0, -1, within.argmax(axis=1))
    return Frontier(budgets, by_problem, np.maximum(within.max(axis=1), 0.0), chosen)
