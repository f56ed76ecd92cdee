"""Accuracy against k for every selector, problem by problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from .intervals import Bands, bootstrap_bands
from .pools import Pool
from .selectors.family import SELECTORS
from .subsets import check_sizes

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


def selector_curves(
    pools: Sequence[Pool], ks: tuple[int, ...], verifier: str | None, seed: int, selectors: Sequence[str] | None = None
) -> Curves:
    """The curves of `selectors` over at least one pool; unless named, the usual ones, with scores only where a verifier is given.

    A pool's curves are computed once and kept as long as the pool is, so a live run pays for its new pools only.
    """
    if selectors is None:
        selectors = BLIND if verifier is None else BY_VERIFIER
    problems, row = np.unique([pool.problem for pool in pools], return_inverse=True)
    n_pools = np.bincount(row)[:, None]
    values = {}
    for selector, per_pool in _by_pool(pools, ks, verifier or "", seed, selectors).items():
        sums = np.zeros((len(problems), len(ks)))
        np.add.at(sums, row, per_pool)
        values[selector] = sums / n_pools
    return Curves(tuple(problems.tolist()), ks, values)


_kept: WeakKeyDictionary[Pool, dict[tuple, np.ndarray]] = WeakKeyDictionary()


def _by_pool(
    pools: Sequence[Pool], ks: tuple[int, ...], verifier: str, seed: int, selectors: Sequence[str]
) -> dict[str, np.ndarray]:
    """Selector -> (pools, len(ks))."""
    kept = [_kept.setdefault(pool, {}) for pool in pools]

    def key(selector: str) -> tuple:
        return selector, ks, verifier if SELECTORS[selector].reads_scores else "", seed

    one_by_one = [selector for selector in selectors if SELECTORS[selector].many is None]
    for pool, known in zip(pools, kept, strict=True):
        if pool.correct.all() or not pool.correct.any():  # then no selector can be wrong, or right
            check_sizes(pool.n, ks)
            known |= {key(selector): np.full(len(ks), pool.correct[0], dtype=float) for selector in selectors}
        for selector in one_by_one:
            if key(selector) not in known:
                known[key(selector)] = SELECTORS[selector].one(pool, ks, verifier, seed)
    for selector in selectors:
        if (measure := SELECTORS[selector].many) is not None:
            new = [i for i, known in enumerate(kept) if key(selector) not in known]
            if new:
                measured = measure([pools[i] for i in new], ks, verifier, seed)
                for i, values in zip(new, measured, strict=True):
                    kept[i][key(selector)] = values
    return {selector: np.stack([known[key(selector)] for known in kept]) for selector in selectors}
