"""One condition's pools as curves with bands: what the findings of repeated sampling are made of."""

from dataclasses import dataclass

import numpy as np

from ..statistics.curves import Curves, selector_curves
from ..statistics.estimates import Estimate
from ..statistics.intervals import Bands, bootstrap_bands, estimates
from ..statistics.pools import offered
from .base import ConditionPools, Series


@dataclass(frozen=True, eq=False)
class Measured:
    """`prefix` starts what is said of the condition: "label: ", or nothing where it is the only one.

    `bands` are the mean curves by selector; `n_answers` counts the samples with an answer, of `n_samples`.
    """

    key: str
    label: str
    prefix: str
    curves: Curves
    bands: dict[str, Bands]
    n_samples: int
    n_answers: int

    @classmethod
    def of(
        cls, condition: ConditionPools, ks: tuple[int, ...], verifier: str, is_only: bool, seed: int, rng: np.random.Generator
    ) -> "Measured":
        """A verifier that scored no sample of the condition is left out of the curves."""
        pools = condition.pools
        scored = "scores" in offered(pools, verifier)
        curves = selector_curves(pools, ks, verifier if scored else None, seed)
        return cls(
            key=condition.key,
            label=condition.label,
            prefix="" if is_only else f"{condition.label}: ",
            curves=curves,
            bands=curves.bands(rng),
            n_samples=sum(pool.n for pool in pools),
            n_answers=sum(int((pool.answers >= 0).sum()) for pool in pools),
        )

    @property
    def n(self) -> int:
        return self.curves.ks[-1]

    @property
    def n_problems(self) -> int:
        return len(self.curves.problems)

    def estimate(self, selector: str, k: int) -> Estimate:
        return estimates(self.bands[selector])[self.curves.ks.index(k)]

    def gains(self, rng: np.random.Generator) -> dict[str, Estimate]:
        """Of every selector at N over a single sample, paired by problem."""
        selectors = [selector for selector in self.bands if selector != "mean"]
        single = self.curves.at("mean", self.n)
        differences = np.column_stack([self.curves.at(selector, self.n) - single for selector in selectors])
        return dict(zip(selectors, estimates(bootstrap_bands(differences, rng)), strict=True))

    def line(self, selector: str, name: str) -> Series:
        """The selector's curve to draw."""
        mean, low, high, n = self.bands[selector]
        band = {} if low is None or high is None else {"low": low.tolist(), "high": high.tolist()}
        return Series(f"{self.prefix}{name}", list(self.curves.ks), mean.tolist(), n=n, **band)
