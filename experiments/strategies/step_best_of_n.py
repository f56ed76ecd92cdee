"""At each step, the best of N."""

from typing import Annotated

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Outcome, Question
from .base import strategies
from .steps.nodes import Node
from .steps.search import StepSearch
from .steps.walk import Walk

_TRIES = 3


@strategies.register("step_best_of_n", label="Step-level best of N")
class StepBestOfN(StepSearch):
    """N next steps are written, the best is kept, and so on until the best has ended: it is the answer.

    Bag of Tricks for Inference-time Computation of LLM Reasoning, 2025, where it is called greedy. Steps that are empty or
    that begin a new question are dropped; if all are, they are written again, twice at most.

    It misleads like beam search, and more: one answer comes back, so there is no vote to mend what a step spoiled.
    """

    n: int = Field(8, ge=1, le=4096, title="Candidates (N)", description="Next steps written at each step")
    max_steps: int = Field(20, ge=1, le=1000, title="Steps at most", description="A path of so many is handed in as it is")
    unwanted: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        ("Question:",), title="Drop steps with", description="A step that holds one of these is dropped, and so is an empty one"
    )

    @property
    def samples_per_attempt(self) -> int:
        return self.n * self.max_steps

    @property
    def samples_at_once(self) -> int:
        return self.n

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        walk = Walk(self, question, lab)
        best, n_dropped = walk.root, 0
        while best.is_live:
            for _ in range(_TRIES):
                nodes = await walk.advance([best] * self.n)
                usable = [node for node in nodes if self._is_usable(node)]
                n_dropped += len(nodes) - len(usable)
                if usable or not nodes:
                    break
            if not usable:
                walk.stopped = walk.stopped or f"every step was dropped, {_TRIES} times"
                break
            best = walk.ranked(usable)[0]
        if best.is_finished:
            return walk.conclude_with(best, "best step by step", [best], dropped_steps=n_dropped)
        return await walk.conclude([], "highest_score", dropped_steps=n_dropped)

    def _is_usable(self, node: Node) -> bool:
        text = node.sample.text
        is_empty = not text.strip() and node.is_live
        return not is_empty and (node.is_live or node.is_finished) and not any(each in text for each in self.unwanted)
