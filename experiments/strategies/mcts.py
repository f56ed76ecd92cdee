"""Monte Carlo tree search over steps."""

import math
from dataclasses import dataclass, field

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Outcome, Question
from .base import strategies
from .steps.nodes import Node
from .steps.scales import ScaledSearch
from .steps.walk import Walk

# AlphaZero's constants.
_C_INIT = 1.25
_C_BASE = 19652


@dataclass(eq=False)
class Branch:
    """A node with what simulations found below it. `value` is its own score between 0 and 1."""

    node: Node
    value: float = 0.0
    n_visits: int = 0
    total: float = 0.0
    children: list["Branch"] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """Q: the mean of the values backed up through it; its own value before the first visit."""
        return self.total / self.n_visits if self.n_visits else self.value


@strategies.register("mcts", label="Monte Carlo tree search")
class Mcts(ScaledSearch):
    """Before each step, simulations go down the tree, score what they reach and pass it up; the most visited step is taken.

    Bag of Tricks for Inference-time Computation of LLM Reasoning, 2025, with AlphaZero's rule: at each node down to the child
    with the largest Q + (1.25 + ln((n + 19653) / 19652)) sqrt(n) / (1 + n_child), n the visits of the node, without a prior.
    At a new node up to N distinct next steps are written and each scored once. An unvisited child's Q is its own score.

    It misleads where a few simulations stand for many: with 5 of them and N as large, each child is seen once and the move is
    the verifier's first guess.
    """

    n: int = Field(4, ge=1, le=1024, title="Candidates (N)", description="Next steps written at a new node; equal ones are one")
    simulations: int = Field(5, ge=1, le=10_000, title="Simulations", description="Before each move")
    max_steps: int = Field(8, ge=1, le=1000, title="Steps at most", description="A path of so many is handed in as it is")

    @property
    def samples_per_attempt(self) -> int:
        return self.n * (self.max_steps * self.simulations + 1)

    @property
    def samples_at_once(self) -> int:
        return self.n

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        walk = Walk(self, question, lab)
        top = Branch(walk.root)
        finished: list[Node] = []
        visits: list[list[int]] = []
        while top.node.is_live:
            if not top.children:
                await self._expand(walk, top, finished)
            for _ in range(self.simulations if top.children else 0):
                await self._simulate(walk, top, finished)
            if not top.children or walk.stopped:
                break
            visits.append([child.n_visits for child in top.children])
            top = max(top.children, key=lambda child: (child.n_visits, child.mean))
        if top.node.is_live:
            return await walk.conclude(finished, "highest_score", visits=visits)
        return walk.conclude_with(top.node, "most visited steps", finished, visits=visits)

    async def _simulate(self, walk: Walk, top: Branch, finished: list[Node]) -> None:
        way = [top]
        while way[-1].children:
            way.append(max(way[-1].children, key=lambda child: priority(child.mean, child.n_visits, way[-1].n_visits)))
        if way[-1].node.is_live:
            await self._expand(walk, way[-1], finished)
        for branch in way:
            branch.n_visits += 1
            branch.total += way[-1].value

    async def _expand(self, walk: Walk, branch: Branch, finished: list[Node]) -> None:
        written = walk.ranked(await walk.advance([branch.node] * self.n))
        distinct = {node.text: node for node in reversed(written) if node.is_live or node.is_finished}
        nodes = list(distinct.values())[::-1]
        branch.children = [Branch(node, self.probability(node)) for node in nodes]
        finished += [node for node in nodes if node.is_finished]


def priority(mean: float, n_child: int, n_parent: int) -> float:
    """What a child is chosen by: its mean value, and the more for how seldom it was visited."""
    exploration = _C_INIT + math.log((n_parent + _C_BASE + 1) / _C_BASE)
    return mean + exploration * math.sqrt(n_parent) / (1 + n_child)
