"""Votes over random subsets: what every weighted vote shares, counted for all k at once."""

from functools import cached_property, lru_cache

import numpy as np

from ..pools import Pool
from ..subsets import check_sizes, orders

#: Subsets per problem and k, at least.
DRAWS = 200


class Ballots:
    """The first k samples of at least 200 random orders of a pool, as votes for its C distinct answers.

    Totals have the shape (len(sorted_ks), C, rows); `accuracy` answers in the order in which the ks were asked for. `order`
    holds one random order in each column, (largest k, rows): what is counted by place runs down the columns.
    """

    def __init__(self, pool: Pool, ks: tuple[int, ...], seed: int):
        check_sizes(pool.n, ks)
        self.ks = ks
        self.sorted_ks = np.unique(ks)
        answered = pool.answers >= 0
        _, member_of, sizes = np.unique(pool.answers[answered], return_inverse=True, return_counts=True)
        self.share_correct = np.bincount(member_of, weights=pool.correct[answered], minlength=len(sizes)) / np.maximum(sizes, 1)
        self.order = _columns(pool.n, int(self.sorted_ks[-1]), seed)
        ballot = np.full(pool.n, len(sizes))  # those without an answer fill a last class that is never counted
        ballot[answered] = member_of
        rows = self.order.shape[1]
        self._shape = (len(self.sorted_ks), len(sizes) + 1, rows)
        self._by_place = ballot[self.order] * rows + np.arange(rows)
        self.enters = np.searchsorted(self.sorted_ks, np.arange(1, self.sorted_ks[-1] + 1))  # by place, the first k with it
        self._cells = (self._by_place + (self.enters * ((len(sizes) + 1) * rows))[:, None]).ravel()

    @cached_property
    def votes(self) -> np.ndarray:
        """How many of the k samples gave each answer."""
        return self.total()

    @cached_property
    def _given(self) -> np.ndarray:
        return self.votes > 0

    def total(self, weights: np.ndarray | None = None, fading: np.ndarray | None = None) -> np.ndarray:
        """Summed weights by answer. `weights` are by sample, (n,), or by place in the orders; None counts every sample once.

        `fading`, (len(sorted_ks), rows), multiplies what was there before the samples that enter at each k.
        """
        if weights is not None and weights.ndim == 1:
            weights = weights[self.order]
        each = None if weights is None else weights.ravel()
        cells = np.bincount(self._cells, each, minlength=np.prod(self._shape)).reshape(self._shape)
        totals = cells[:, :-1].astype(float, copy=False)
        for i in range(1, len(totals)):  # many times as fast as np.cumsum along the first axis
            totals[i] += totals[i - 1] if fading is None else totals[i - 1] * fading[i]
        return totals

    def count(self, k: int, which: np.ndarray) -> np.ndarray:
        """(C, rows) votes of those among the first k that a (k, rows) mask lets vote."""
        _, n_classes, rows = self._shape
        return np.bincount(self._by_place[:k][which], minlength=n_classes * rows).reshape(n_classes, rows)[:-1]

    def running(self, extreme: np.ufunc, placed: np.ndarray) -> np.ndarray:
        """(len(sorted_ks), rows) np.maximum or np.minimum of values by place over the first k."""
        return extreme.accumulate(extreme.reduceat(placed, np.r_[0, self.sorted_ks[:-1]], axis=0), axis=0)

    def accuracy(self, totals: np.ndarray, scale: np.ndarray | float | None = None) -> np.ndarray:
        """(len(ks),) chance that the answer with the largest total is correct, ties split evenly.

        Totals within 1e-9 of `scale` (the largest total unless given) are ties: sums in another order differ in the last bits.
        An answer that none of the k gave cannot win; where none has an answer nothing is handed in.
        """
        if not len(self.share_correct):
            return np.zeros(len(self.ks))
        largest = totals.max(axis=1)
        threshold = largest - 1e-9 * (largest if scale is None else scale)
        winners = totals >= threshold[:, None]
        winners &= self._given
        right = np.flatnonzero(self.share_correct)
        won = np.tensordot(winners[:, right], self.share_correct[right], (1, 0))
        credit = (won / np.maximum(np.add.reduce(winners, axis=1, dtype=np.int32), 1)).mean(axis=1)
        return credit[np.searchsorted(self.sorted_ks, self.ks)]

    def by_total(self, totals: np.ndarray) -> np.ndarray:
        """`accuracy` of totals >= 0; where all k weigh nothing, every sample counts the same."""
        weightless = totals.max(axis=1, initial=0) == 0
        if weightless.any():
            totals = np.where(weightless[:, None], self.votes, totals)
        return self.accuracy(totals)


@lru_cache(maxsize=8)
def ballots(pool: Pool, ks: tuple[int, ...], seed: int) -> Ballots:
    """The same ballots for all votes on one pool."""
    return Ballots(pool, ks, seed)


@lru_cache(maxsize=8)
def _columns(n: int, largest: int, seed: int) -> np.ndarray:
    """(largest, rows) the first samples of the random orders."""
    return np.ascontiguousarray(orders(n, DRAWS, seed)[:, :largest].T)
