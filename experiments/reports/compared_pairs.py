"""Every arm against every other: differences with intervals, tests corrected for their number, and the problems it would take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..statistics.corrections import benjamini_hochberg, max_t
from ..statistics.estimates import Estimate
from ..statistics.paired import holm, mcnemar_mid_p, sign_flips
from ..statistics.power import problems_needed, smallest_detectable
from ..studies.wording import describe_difference, is_clear
from .arms import Arm
from .shared_draws import SharedDraws

LEVEL = 0.05
CORRECTIONS = {
    "holm": "Holm: no false claim on the page",
    "max_t": "max-T: the same, by permutation of all comparisons together",
    "bh": "Benjamini–Hochberg: few false ones among the claims, for screening",
}
_BY_P = {"holm": holm, "bh": benjamini_hochberg}


@dataclass(frozen=True)
class Pair:
    """`second` minus `first` over the shared problems. `p_adjusted` is corrected for all pairs on the page.

    `only_first` and `only_second` count the problems on which one is better; `more_problems` is how many more it would
    take to tell the observed difference from zero, None where it is told already or there is none.
    """

    first: Arm
    second: Arm
    difference: Estimate
    test: str
    p: float
    p_adjusted: float
    only_first: int
    only_second: int
    more_problems: int | None
    detectable: float

    @property
    def is_clear(self) -> bool:
        return is_clear(self.difference) and self.p_adjusted <= LEVEL

    @property
    def in_words(self) -> str:
        if is_clear(self.difference) and not self.is_clear:
            text = describe_difference(self.difference)
            return f"{text}: no clear difference, since p = {self.p_adjusted:.3f} after correction"
        return describe_difference(self.difference)


def pairs_of(arms: Sequence[Arm], draws: SharedDraws, correction: str, rng: np.random.Generator) -> list[Pair]:
    """Of every arm with every later one; those with the first come first. `correction` is one of CORRECTIONS."""
    places = [(i, j) for i in range(len(arms)) for j in range(i + 1, len(arms))]
    differences = np.column_stack([draws.values[j] - draws.values[i] for i, j in places])
    by_cluster = draws.by_cluster(differences)
    p_values = sign_flips(by_cluster, rng)
    tests = ["sign-flip permutation"] * len(places)
    for column, difference in enumerate(differences.T):
        # McNemar's test is for problems that stand each for itself; signs are flipped by cluster.
        if not draws.is_by_cluster and np.isin(difference, (-1.0, 0.0, 1.0)).all():
            tests[column] = "McNemar, mid-p"
            p_values[column] = mcnemar_mid_p(int((difference < 0).sum()), int((difference > 0).sum()))
    adjusted = max_t(by_cluster, rng) if correction == "max_t" else _BY_P[correction](p_values)
    return [
        _pair(arms[i], arms[j], differences[:, c], draws.difference(i, j), tests[c], p_values[c], adjusted[c])
        for c, (i, j) in enumerate(places)
    ]


def _pair(first: Arm, second: Arm, difference: np.ndarray, estimate: Estimate, test: str, p: float, p_adjusted: float) -> Pair:
    mean_square = float((difference**2).mean())
    needed = problems_needed(estimate.value, mean_square)
    told = is_clear(estimate) and p_adjusted <= LEVEL
    return Pair(
        first=first,
        second=second,
        difference=estimate,
        test=test,
        p=p,
        p_adjusted=p_adjusted,
        only_first=int((difference < 0).sum()),
        only_second=int((difference > 0).sum()),
        more_problems=None if told or math.isinf(needed) else max(1, math.ceil(needed) - len(difference)),
        detectable=smallest_detectable(len(difference), mean_square),
    )
