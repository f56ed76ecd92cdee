"""Draw tokens from raw logits. Plain numpy: one pass over a row costs about 40 microseconds for 49,152 tokens."""

import math
from typing import Protocol

import numpy as np

from .adjustments import Adjustments
from .filters import Filters, NothingFits, likeliest

# Sums over the vocabulary are taken in blocks, so that finding a token looks at one block and not at every token.
_BLOCK = 256
# Uniform numbers are drawn this many at a time; the stream does not depend on it.
_DRAWN_AT_ONCE = 64
# After every so many draws that a constraint forbids, all forbidden ones among so many of the likeliest tokens are put aside.
_DRAWS = 8
_PUT_ASIDE = (256, 4096, None)


class Constraint(Protocol):
    """What a sequence must obey, such as a grammar."""

    def allows(self, token: int) -> bool: ...

    def allowed(self, tokens: np.ndarray) -> np.ndarray:
        """As `allows`, for each of several tokens."""

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
        self.filters = Filters(top_p, top_k, min_p)
        self.adjustments = adjustments
        self.constraint = constraint
        self._rng = np.random.default_rng(seed)
        self._drawn: list[float] = []

    @property
    def is_greedy(self) -> bool:
        return self.temperature == 0 or self.filters.top_k == 1

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
        self._shifted = np.empty(n_vocab, np.float32)

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
        if not sampler.filters.keep_all and not sampler.is_greedy:
            return _one_of(*sampler.filters.allowed_candidates(logits, sampler.constraint.allowed), sampler)
        for n_likeliest in _PUT_ASIDE:
            for _ in range(_DRAWS):
                token = self._draw(logits, *self._measure(logits), sampler)
                if sampler.constraint.allows(token):
                    return token
                logits[token] = -np.inf
                _require_some(logits)
            asked = likeliest(logits, n_likeliest or len(logits))
            logits[asked[~sampler.constraint.allowed(asked)]] = -np.inf
            _require_some(logits)
        return self._draw(logits, *self._measure(logits), sampler)

    def _measure(self, logits: np.ndarray) -> tuple[int, float]:
        """(the likeliest token, the sum of exp(logits - its logit)), with those exponentials left in the working memory."""
        best = int(logits.argmax())
        np.subtract(logits, logits[best], out=self._shifted)
        self._block_sums = self._exponentials(1.0)
        return best, float(self._block_sums.sum(dtype=np.float64))

    def _draw(self, logits: np.ndarray, best: int, total: float, sampler: Sampler) -> int:
        """A token after temperature and filters; `_measure` was called last for these very logits."""
        if sampler.is_greedy:
            return best
        if not sampler.filters.keep_all:
            return _one_of(*sampler.filters.candidates(logits, logits[best], total), sampler)
        if sampler.temperature != 1:
            self._block_sums = self._exponentials(1 / sampler.temperature)
        return self._at_quantile(self._block_sums, sampler.uniform())

    def _exponentials(self, scale: float) -> np.ndarray:
        """Fill the working memory with exp(scale * logit) of the row measured last, and return its sums block by block."""
        weights = self._weights[: self._n_vocab]
        np.exp(np.multiply(self._shifted, np.float32(scale), out=weights) if scale != 1 else self._shifted, out=weights)
        # Twice as fast as sum(axis=1).
        return np.einsum("ij->i", self._weights.reshape(-1, _BLOCK))

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
    index = int(sums.searchsorted(goal, side="right"))
    if index == len(sums):  # rounding went past the end
        index = int(np.flatnonzero(weights)[-1])
    return index, goal - (float(sums[index - 1]) if index else 0.0)


def _one_of(tokens: np.ndarray, weights: np.ndarray, sampler: Sampler) -> int:
    """One of the candidates, whose weights are those of temperature 1."""
    weights = weights ** (1 / sampler.temperature)
    return int(tokens[_find(weights, sampler.uniform() * weights.sum())[0]])
