"""Accuracy against k for every selector, problem by problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from .intervals import Bands, bootstrap_bands
from .pools import Pool
from .selectors.highest_score import best_by_verifier, shortest
from .selectors.majority import majority
from .selectors.mean import mean
from .selectors.oracle import oracle
from .selectors.weighted_vote import weighted_vote

BLIND = ("oracle", "majority", "shortest", "mean")
BY_VERIFIER = ("oracle", "majority", "best", "weighted", "shortest", "mean")


@dataclass(frozen=True, eq=False)
class Curves:
    """values: selector -> (problems, len(ks)) accuracy; rows follow `problems`, repeats of a problem averaged into its row."""

    problems: tuple[str, ...]
    ks: tuple[int, ...]
    values: dict[str, np.ndarray]

    def at(self, selector: str, k: int) -> np.ndarray:
        """(problems,) accuracy of a selector at one k."""
        return self.values[selector][:, self.ks.index(k)]

    def bands(self, rng: np.random.Generator) -> dict[str, Bands]:
        """Selector -> mean curve with its interval. All come from the same resampled problems, so they move together."""
        together = bootstrap_bands(np.hstack(list(self.values.values())), rng)
        parts = [[None] * len(self.values) if each is None else np.split(each, len(self.values)) for each in together[:3]]
        return {selector: Bands(*band, together.n) for selector, *band in zip(self.values, *parts, strict=True)}


def selector_curves(pools: Sequence[Pool], ks: tuple[int, ...], verifier: str | None, seed: int) -> Curves:
    """Every selector's curve over at least one pool; those that need scores only where a verifier is given.

    A pool's curves are computed once and kept as long as the pool is, so a live run pays for its new pools only.
    """
    selectors = BLIND if verifier is None else BY_VERIFIER
    per_pool = np.stack([_pool_curves(pool, ks, verifier, seed) for pool in pools])
    problems, row = np.unique([pool.problem for pool in pools], return_inverse=True)
    sums = np.zeros((len(problems), *per_pool.shape[1:]))
    np.add.at(sums, row, per_pool)
    by_problem = sums / np.bincount(row)[:, None, None]
    values = {selector: by_problem[:, i] for i, selector in enumerate(selectors)}
    return Curves(tuple(problems.tolist()), ks, values)


_kept: WeakKeyDictionary[Pool, dict[tuple, np.ndarray]] = WeakKeyDictionary()


def _pool_curves(pool: Pool, ks: tuple[int, ...], verifier: str | None, seed: int) -> np.ndarray:
    """(selectors, len(ks)), in the order of BLIND or BY_VERIFIER."""
    kept = _kept.setdefault(pool, {})
    if (ks, verifier, seed) not in kept:
        by_score = []
        if verifier is not None:
            by_score = [best_by_verifier(pool, ks, verifier), weighted_vote(pool, ks, verifier, seed)]
        kept[ks, verifier, seed] = np.stack(
            [oracle(pool, ks), majority(pool, ks, seed), *by_score, shortest(pool, ks), mean(pool, ks)]
        )
    return kept[ks, verifier, seed]
