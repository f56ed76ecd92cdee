"""Keep the best partial answers, go on from each in several ways, and keep the best of those."""

from typing import Literal

from pydantic import Field, model_validator

from ..domain.lab import Lab
from ..domain.types import Outcome, Question
from .base import strategies
from .steps.nodes import Node, distinct
from .steps.options import FinalChoice
from .steps.search import StepSearch
from .steps.walk import Walk


@strategies.register("beam_search", label="Beam search")
class BeamSearch(FinalChoice, StepSearch):
    """Of N next steps the best N / M are kept, and each is gone on from in M ways, until every path has ended.

    Scaling LLM Test-Time Compute Optimally can be More Effective than Scaling Model Parameters, 2024; Can 1B LLM Surpass
    405B LLM?, 2025. Finished paths leave the search and the others are copied until there are N again; or they compete
    on, copies and all, until everything that is kept is finished, as the library its_hub does it.

    It misleads where the verifier can be pleased: on easy problems short or repeated steps win. Look at the number and the
    length of the steps, and at the verifier's own worth on finished answers.
    """

    n: int = Field(16, ge=1, le=4096, title="Candidates (N)", description="Next steps written in each round; divisible by M")
    width: int = Field(4, ge=1, le=4096, title="Beam width (M)", description="Next steps of each path that is kept")
    finished_paths: Literal["leave", "compete"] = Field(
        "leave", title="Finished paths", description="Leave the search, or keep their places in it"
    )

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
        n_kept = self.n // self.width
        finished: list[Node] = []
        nodes = await self.advance(walk, [walk.root] * self.n)
        while nodes:
            ended = [node for node in nodes if node.is_finished]
            going = [node for node in nodes if node.is_live]
            if self.finished_paths == "leave":
                finished += distinct(ended)
                kept = walk.ranked(going)[:n_kept]
            else:
                kept = walk.ranked(ended + going)[:n_kept]
                finished = [node for node in kept if node.is_finished]
            if not any(node.is_live for node in kept):
                break
            nodes = await self.advance(walk, [kept[i % len(kept)] for i in range(self.n)])
        return await walk.conclude(finished, self.choice)

    async def advance(self, walk: Walk, nodes: list[Node]) -> list[Node]:
        """A next step of each, scored."""
        return await walk.advance(nodes)
