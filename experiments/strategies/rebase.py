"""Share the width of a tree among its nodes by their scores."""

import math
from collections.abc import Sequence

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Outcome, Question
from .base import strategies
from .steps.nodes import Node
from .steps.options import FinalChoice
from .steps.scales import ScaledSearch
from .steps.walk import Walk

# A share that is whole but for rounding must not be rounded up by one.
_ROUNDING = 1e-9


@strategies.register("rebase", label="Reward-balanced search (REBASE)")
class Rebase(FinalChoice, ScaledSearch):
    """At each depth the width W is shared among the partial answers in proportion to exp(score / T), without rollouts.

    Inference Scaling Laws (Wu et al.), 2024; Inference Scaling vs Reasoning, 2024. Every answer that is finished takes one
    of the width for good.

    It misleads where scores hardly differ: at T = 0.2 a difference of 0.1 between scores is a factor of 1.6 in width.
    """

    width: int = Field(16, ge=1, le=4096, title="Width (W)", description="Next steps at each depth, finished answers counted")
    temperature: float = Field(
        0.2,
        gt=0,
        le=100,
        title="Balance temperature (T)",
        description="Small: the best nodes get everything; large: all get alike",
    )
    max_steps: int = Field(25, ge=1, le=1000, title="Steps at most", description="A path of so many is handed in as it is")

    @property
    def samples_per_attempt(self) -> int:
        return self.width * self.max_steps

    @property
    def samples_at_once(self) -> int:
        return self.width

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        walk = Walk(self, question, lab)
        finished: list[Node] = []
        widths: list[dict[str, list[int]]] = []
        nodes = await walk.advance([walk.root] * self.width)
        while nodes:
            finished += [node for node in nodes if node.is_finished]
            live = walk.ranked([node for node in nodes if node.is_live])
            if not live:
                break
            shares = allocate([self.probability(node) for node in live], self.width - len(finished), self.temperature)
            widths.append({"samples": [node.sample.index for node in live], "widths": shares})
            nodes = await walk.advance([node for node, share in zip(live, shares, strict=True) for _ in range(share)])
        return await walk.conclude(finished, self.choice, widths=widths)


def allocate(scores: Sequence[float], width: int, temperature: float) -> list[int]:
    """How many children each node gets, the best served first: ceil(width left * e_i / sum of those left), e = exp(s / T).

    `scores` may come in any order; the result is in theirs.
    """
    highest = max(scores, default=0.0)
    weights = [math.exp((score - highest) / temperature) for score in scores]
    shares = [0] * len(scores)
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    for place, i in enumerate(order):
        left = math.fsum(weights[j] for j in order[place:])
        shares[i] = min(width, math.ceil(width * weights[i] / left - _ROUNDING)) if left and width > 0 else 0
        width -= shares[i]
    return shares
