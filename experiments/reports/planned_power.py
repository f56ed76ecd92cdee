"""What a comparison of two settings could show, from what is expected of them."""

import math
from dataclasses import dataclass

import numpy as np

from ..statistics.power import problems_needed, smallest_detectable
from ..studies.base import Figure, Series

_DIFFERENCES = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2)


@dataclass(frozen=True)
class PlannedPower:
    """`n` problems, `samples` each; the first setting's `accuracy`, and how far both get the same problems right (0 to 1)."""

    n: int
    accuracy: float
    agreement: float
    samples: int = 1

    @property
    def mean_square(self) -> float:
        """Expected squared difference per problem where the two are about equally good.

        Single samples of independent settings differ on 2 p (1 - p) of the problems. What they have in common, by `agreement`,
        is taken off; averaging K samples divides it by K, under the assumption that problems are alike but for the draw.
        """
        return 2 * self.accuracy * (1 - self.accuracy) * (1 - self.agreement) / self.samples

    @property
    def detectable(self) -> float:
        return smallest_detectable(self.n, self.mean_square)

    @property
    def needed(self) -> list[tuple[float, int]]:
        """(difference, problems it takes) for usual differences; at least 6, below which no test can tell."""
        return [(difference, self._needed(difference)) for difference in _DIFFERENCES]

    def figure(self) -> Figure:
        """The smallest difference that shows, against the number of problems."""
        ns = sorted({*np.unique(np.geomspace(10, 10_000, 31).round().astype(int)).tolist(), self.n})
        shown = [smallest_detectable(n, self.mean_square) for n in ns]
        return Figure(
            "Smallest difference that shows",
            "problems",
            "difference in accuracy",
            [Series("shown in 80% of repetitions", ns, shown, markers=False)],
            x_log=True,
            y_range=(0.0, max(shown) * 1.05 or 1.0),
            x_marks={f"{self.n:,} problems": float(self.n)},
        )

    def _needed(self, difference: float) -> int:
        # A difference cannot be on fewer problems than it is large.
        return max(6, math.ceil(problems_needed(difference, max(self.mean_square, difference))))
