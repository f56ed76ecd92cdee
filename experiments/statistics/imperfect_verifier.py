"""Resampling until a weak verifier accepts. Inference Scaling fLaws: The Limits of LLM Resampling, 2024."""

from dataclasses import dataclass

import numpy as np

from .subsets import miss_probability


@dataclass(frozen=True, eq=False)
class Acceptance:
    """(problems, len(ks)) chances that within k tries the first accepted answer is right, or wrong."""

    right: np.ndarray
    wrong: np.ndarray

    def utility(self, cost: float) -> np.ndarray:
        """(problems, len(ks)) +1 for a right answer handed in, -cost for a wrong one, 0 for none."""
        return self.right - cost * self.wrong


def first_acceptance(n: np.ndarray, accepted: np.ndarray, accepted_right: np.ndarray, ks: tuple[int, ...]) -> Acceptance:
    """Exact, from (problems,) counts: samples, those the weak verifier accepts, and those of them that are right.

    In a random order the first accepted sample is any of the w accepted with equal chance, t of them right, and comes within
    k tries with 1 - C(n-w, k) / C(n, k).
    """
    found = np.stack([1 - miss_probability(int(size), ks)[int(w)] for size, w in zip(n, accepted, strict=True)])
    share = np.divide(accepted_right, accepted, out=np.zeros(len(accepted)), where=accepted > 0)[:, None]
    return Acceptance(share * found, (1 - share) * found)


def best_number_of_tries(ks: tuple[int, ...], utility: np.ndarray) -> tuple[int, float]:
    """(K*, its mean utility): 0 tries and 0 where trying never pays. `utility` is (problems, len(ks))."""
    mean = utility.mean(axis=0)
    best = int(mean.argmax())
    return (ks[best], float(mean[best])) if mean[best] > 0 else (0, 0.0)


def soundness(p_weak: float, p_strong: float, p_strong_given_weak: float) -> float | None:
    """P(reject | wrong) from rates: (1 - P(weak) - P(strong) + P(strong | weak) P(weak)) / (1 - P(strong))."""
    return None if p_strong == 1 else (1 - p_weak - p_strong + p_strong_given_weak * p_weak) / (1 - p_strong)


@dataclass(frozen=True)
class TwoTypes:
    """Problems of several types with success `rates` and `shares`; a verifier with soundness and completeness."""

    rates: tuple[float, ...]
    shares: tuple[float, ...]
    soundness: float
    completeness: float

    @property
    def _accept_right(self) -> np.ndarray:
        return self.completeness * np.array(self.rates)

    @property
    def _accept_wrong(self) -> np.ndarray:
        return (1 - self.soundness) * (1 - np.array(self.rates))

    @property
    def reject(self) -> np.ndarray:
        """(types,) the chance beta = (1-c) r + s (1-r) that a try is rejected."""
        return 1 - self._accept_right - self._accept_wrong

    @property
    def ceilings(self) -> np.ndarray:
        """(types,) accuracy given acceptance, c r / (c r + (1-s)(1-r)): the same after any number of tries."""
        accepted = self._accept_right + self._accept_wrong
        return np.divide(self._accept_right, accepted, out=np.zeros(len(accepted)), where=accepted > 0)

    @property
    def ceiling(self) -> float:
        """Accuracy after endless tries; a type that is never accepted counts as wrong."""
        return float(np.dot(self.shares, self.ceilings))

    def utility(self, tries: int, value_right: float, value_wrong: float) -> float:
        """Expected: the sum over tries k and types of p beta^(k-1) (V_c c r + V_f (1-s)(1-r))."""
        powers = self.reject[:, None] ** np.arange(tries)
        each = value_right * self._accept_right + value_wrong * self._accept_wrong
        return float(np.array(self.shares) @ (powers.sum(axis=1) * each))
