"""Independent greedy searches: diversity instead of competition."""

from pydantic import Field, model_validator

from ..domain.lab import Lab
from ..domain.types import Outcome, Question
from .base import strategies
from .steps.nodes import Node
from .steps.options import FinalChoice
from .steps.search import StepSearch
from .steps.walk import Walk


@strategies.register("dvts", label="Diverse verifier tree search (DVTS)")
class Dvts(FinalChoice, StepSearch):
    """N / M independent trees; in each, M next steps are written and the best is gone on from, until the best has ended.

    Can 1B LLM Surpass 405B LLM?, 2025, and the Hugging Face recipe it builds on. Trees are never compared before the end.
    When a tree ends, all of its last M steps that are finished are answers, so that up to N come back.

    It misleads where the verifier is blind to early mistakes: nothing that a tree has dropped comes back.
    """

    n: int = Field(16, ge=1, le=4096, title="Candidates (N)", description="Next steps written in each round; divisible by M")
    width: int = Field(4, ge=1, le=4096, title="Tree width (M)", description="Next steps in each tree, of which one is kept")

    @model_validator(mode="after")
    def _n_can_be_divided(self):
        if self.n % self.width:
            raise ValueError(f"N = {self.n} must be divisible by M = {self.width}")
        return self

    @property
    def samples_per_attempt(self) -> int:
        return self.n * self.max_steps

    @property
    def samples_at_once(self) -> int:
        return self.n

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        walk = Walk(self, question, lab)
        finished: list[Node] = []
        tops = [walk.root] * (self.n // self.width)
        while tops:
            nodes = await walk.advance([top for top in tops for _ in range(self.width)])
            trees = [nodes[i : i + self.width] for i in range(0, len(nodes), self.width)]
            tops = []
            for tree in trees:
                best = next((node for node in walk.ranked(tree) if node.is_live or node.is_finished), None)
                if best is not None and best.is_live:
                    tops.append(best)
                else:
                    finished += [node for node in tree if node.is_finished]
        return await walk.conclude(finished, self.choice)
