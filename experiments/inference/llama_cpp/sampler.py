"""Draw tokens from raw logits. Plain numpy: one pass over a row costs about 40 microseconds for 49,152 tokens."""

import math
from typing import Protocol

import numpy as np

from .adjustments import Adjustments

# Sums over the vocabulary are taken in blocks, so that finding a token looks at one block and not at every token.
_BLOCK = 256
# With a filter on, tokens less likely than exp(-_REACH) times the likeliest are looked at only if need be.
_REACH = 12.0
# Uniform numbers are drawn this many at a time; the stream does not depend on it.
_DRAWN_AT_ONCE = 64

# So many illegal tokens are drawn and put aside before a grammar is asked about all of them.
_DRAWS_BEFORE_MASKING = 8


class NothingFits(Exception):
    """No token at all may come next."""


class Constraint(Protocol):
    """What a sequence must obey, such as a grammar."""

    def allows(self, token: int) -> bool: ...

    def mask(self, logits: np.ndarray) -> None:
        """Make every token impossible, logit -inf, that may not come next."""

    def accept(self, token: int) -> None: ...


class Sampler:
    """One sequence's way of choosing tokens. The same seed and the same logits give the same tokens on every machine."""

    def __init__(
        self,
        seed: int,
        temperature: float,
        top_p: float = 1.0,
        top_k: int = 0,
        min_p: float = 0.0,
        adjustments: Adjustments | None = None,
        constraint: Constraint | None = None,
    ):
        self.temperature = temperature
        self.top_p = top_p
        self.top_k = top_k
        self.min_p = min_p
        self.adjustments = adjustments
        self.constraint = constraint
        self._rng = np.random.default_rng(seed)
        self._drawn: list[float] = []

    @property
    def is_greedy(self) -> bool:
        return self.temperature == 0 or self.top_k == 1

    @property
    def is_filtered(self) -> bool:
        return self.top_k > 0 or self.top_p < 1 or self.min_p > 0

    def uniform(self) -> float:
        """The sequence's next number in [0, 1)."""
        if not self._drawn:
            self._drawn = self._rng.random(_DRAWN_AT_ONCE).tolist()[::-1]
        return self._drawn.pop()


class Chooser:
    """Chooses tokens for a vocabulary of `n_vocab`, reusing its working memory."""

    def __init__(self, n_vocab: int):
        self._n_vocab = n_vocab
        n_blocks = -(-n_vocab // _BLOCK)
        self._weights = np.zeros(n_blocks * _BLOCK, np.float32)

    def choose(self, logits: np.ndarray, sampler: Sampler) -> tuple[int, float]:
        """(token, natural log of its probability in this row, before all that the sampler does) for one row of raw logits.

        Raises NothingFits if the sampler's constraint allows no token that has any probability.
        """
        best, total = self._measure(logits)
        log_total = float(logits[best]) + math.log(total)
        if sampler.adjustments is None and sampler.constraint is None:
            return (token := self._draw(logits, best, total, sampler)), float(logits[token]) - log_total
        changed = logits.copy()
        if sampler.adjustments:
            sampler.adjustments.apply(changed)
        token = self._allowed(changed, sampler) if sampler.constraint else self._draw(changed, *self._measure(changed), sampler)
        if sampler.adjustments:
            sampler.adjustments.note(token)
        if sampler.constraint:
            sampler.constraint.accept(token)
        return token, float(logits[token]) - log_total

    def _allowed(self, logits: np.ndarray, sampler: Sampler) -> int:
        """A token from the distribution over those that the constraint allows; `logits` is used up.

        Without filters, drawing until a token is allowed, each one that is not put aside, gives just that distribution at a
        hundredth of the cost of asking about the whole vocabulary. Filters must know what is allowed before they cut.
        """
        if not sampler.is_filtered or sampler.is_greedy:
            for _ in range(_DRAWS_BEFORE_MASKING):
                token = self._draw(logits, *self._measure(logits), sampler)
                if sampler.constraint.allows(token):
                    return token
                logits[token] = -np.inf
                _require_some(logits)
        sampler.constraint.mask(logits)
        _require_some(logits)
        return self._draw(logits, *self._measure(logits), sampler)

    def _measure(self, logits: np.ndarray) -> tuple[int, float]:
        """(the likeliest token, the sum of exp(logits - its logit)), with those exponentials left in the working memory."""
        best = int(logits.argmax())
        self._block_sums = self._exponentials(logits, logits[best], 1.0)
        return best, float(self._block_sums.sum(dtype=np.float64))

    def _draw(self, logits: np.ndarray, best: int, total: float, sampler: Sampler) -> int:
        """A token after temperature and filters; `_measure` was called last for these very logits."""
        if sampler.is_greedy:
            return best
        if sampler.is_filtered:
            return _filtered(logits, logits[best], total, sampler)
        if sampler.temperature != 1:
            self._block_sums = self._exponentials(logits, logits[best], 1 / sampler.temperature)
        return self._at_quantile(self._block_sums, sampler.uniform())

    def _exponentials(self, logits: np.ndarray, top: np.float32, scale: float) -> np.ndarray:
        """Fill the working memory with exp(scale * (logits - top)) and return its sums block by block."""
        weights = self._weights[: self._n_vocab]
        np.subtract(logits, top, out=weights)
        if scale != 1:
            np.multiply(weights, np.float32(scale), out=weights)
        np.exp(weights, out=weights)
        return self._weights.reshape(-1, _BLOCK).sum(axis=1)

    def _at_quantile(self, block_sums: np.ndarray, quantile: float) -> int:
        """The token at `quantile` of the distribution whose weights lie in the working memory."""
        block, rest = _find(block_sums, quantile * block_sums.sum(dtype=np.float64))
        within, _ = _find(self._weights[block * _BLOCK : (block + 1) * _BLOCK], rest)
        return block * _BLOCK + within


def _require_some(logits: np.ndarray) -> None:
    if logits.max() == -np.inf:
        raise NothingFits


def _find(weights: np.ndarray, goal: float) -> tuple[int, float]:
    """(index of the weight in which the running sum passes `goal`, what of `goal` lies inside it); never a weight of 0."""
    sums = np.cumsum(weights, dtype=np.float64)
    index = min(int(np.searchsorted(sums, goal, side="right")), int(np.flatnonzero(weights)[-1]))
    return index, goal - (float(sums[index - 1]) if index else 0.0)


def _filtered(logits: np.ndarray, top: np.float32, total: float, sampler: Sampler) -> int:
    """A token drawn after top-k, top-p and min-p at temperature 1, and only then the temperature: llama.cpp's order.

    `total` is the sum of exp(logits - top).
    """
    candidates = _likeliest(logits, top, total, sampler)
    # Stable, so that equal logits keep the vocabulary's order on every machine.
    candidates = candidates[np.argsort(-logits[candidates], kind="stable")]
    if sampler.top_k:
        candidates = candidates[: sampler.top_k]
    weights = np.exp((logits[candidates] - top).astype(np.float64))
    keep = weights >= sampler.min_p
    if sampler.top_p < 1:
        before = np.cumsum(weights) - weights
        keep &= before < sampler.top_p * (weights.sum() if sampler.top_k else total)
    candidates, weights = candidates[keep], weights[keep] ** (1 / sampler.temperature)
    return int(candidates[_find(weights, sampler.uniform() * weights.sum())[0]])


def _likeliest(logits: np.ndarray, top: np.float32, total: float, sampler: Sampler) -> np.ndarray:
    """Tokens that surely include all that the filters can keep: sorting the whole vocabulary would take milliseconds."""
    near = np.flatnonzero(logits > top - _REACH)
    if sampler.top_k and len(near) < sampler.top_k < len(logits):
        return np.argpartition(logits, -sampler.top_k)[-sampler.top_k :]
    if sampler.top_k:
        is_enough = len(near) >= sampler.top_k
    elif sampler.top_p < 1:
        is_enough = np.exp(logits[near] - top).sum(dtype=np.float64) >= sampler.top_p * total
    else:
        is_enough = sampler.min_p >= np.exp(-_REACH)
    return near if is_enough else np.arange(len(logits))
