"""Problems by what model size does to them, told on one half of the samples and measured on the other.

Brevity Constraints Reverse Performance Hierarchies in Language Models, 2026. Picking the problems on which large models
failed and measuring the same samples again would show a gain that is only regression to the mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .estimates import Estimate
from .intervals import bootstrap_bands, estimates

CLASSES = ("ceiling", "floor", "inverse", "normal", "weak")
#: Smaller gaps between the groups count as none.
THRESHOLD = 0.1


@dataclass(frozen=True)
class Gaps:
    """Accuracy of the small minus that of the large models on some problems, without and with a treatment.

    `closed` is the gap before less the gap after; `reversed` says that the gap turned clearly from one sign to the other.
    """

    before: Estimate
    after: Estimate
    closed: Estimate
    small_effect: Estimate
    large_effect: Estimate

    @property
    def is_reversed(self) -> bool:
        return self.before.excludes_zero and self.after.excludes_zero and self.before.value * self.after.value < 0


def classify(small: np.ndarray, large: np.ndarray) -> list[str]:
    """One of CLASSES for every problem, from (models, problems) accuracies of the small and of the large models."""
    gap = small.mean(axis=0) - large.mean(axis=0)
    everyone = np.vstack([small, large])
    conditions = [(everyone == 1).all(axis=0), (everyone == 0).all(axis=0), gap > THRESHOLD, gap < -THRESHOLD]
    return np.select(conditions, CLASSES[:4], CLASSES[4]).tolist()


def halves(correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shares of right samples among those in even and in odd places of (problems, samples) flags."""
    return correct[:, 0::2].mean(axis=1), correct[:, 1::2].mean(axis=1)


def gaps(small: Sequence[np.ndarray], large: Sequence[np.ndarray], rng: np.random.Generator) -> Gaps:
    """`small` and `large` are (before, after) accuracies per problem, each (problems,) and a mean over its models."""
    columns = [
        small[0] - large[0],
        small[1] - large[1],
        (small[0] - large[0]) - (small[1] - large[1]),
        small[1] - small[0],
        large[1] - large[0],
    ]
    return Gaps(*estimates(bootstrap_bands(np.column_stack(columns), rng)))
