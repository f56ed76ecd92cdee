"""How much of an arm's uncertainty comes from its problems, and how much from the draw of its samples."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ..statistics.variance_parts import VarianceParts, variance_parts
from .arms import Arm
from .comparison import Comparison


@dataclass(frozen=True)
class DrawVariance:
    arm: Arm
    parts: VarianceParts | None
    samples: int

    @property
    def in_words(self) -> str:
        if self.parts is None:
            return "One sample a problem: what another draw would give is not known."
        if self.parts.draws == 0:
            return "Every draw on a problem has the same verdict, so more samples would show nothing new."
        if self.parts.draws > self.parts.items:
            return "Most of the uncertainty is the draw's: more samples on these problems would narrow it."
        return "Most of the uncertainty is which problems these are: more samples would not narrow it, more problems would."


def draw_variances(comparison: Comparison) -> list[DrawVariance]:
    """Of each arm's single samples, on the shared problems."""
    return [_of(arm, set(comparison.problems)) for arm in comparison.arms]


def _of(arm: Arm, shared: set[str]) -> DrawVariance:
    verdicts = defaultdict(list)
    for pool in arm.pools:
        if pool.problem in shared:
            verdicts[pool.problem].append(pool.correct)
    together = [np.concatenate(each) for each in verdicts.values()]
    return DrawVariance(arm, variance_parts(together), sum(map(len, together)))
