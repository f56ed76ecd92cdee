"""Beam search that looks where a step leads before it judges it."""

from pydantic import Field

from .base import strategies
from .beam_search import BeamSearch
from .steps.nodes import Node
from .steps.walk import Walk


@strategies.register("lookahead", label="Lookahead search")
class Lookahead(BeamSearch):
    """Beam search in which a step is scored by where k further steps at temperature 0 lead; those are then set aside.

    Scaling LLM Test-Time Compute Optimally can be More Effective than Scaling Model Parameters, 2024. A step costs up to
    k + 1 texts, so compare it with beam search at equal tokens, not at equal N.
    """

    lookahead: int = Field(1, ge=1, le=16, title="Steps ahead (k)", description="Greedy steps before a step is scored")

    @property
    def samples_per_attempt(self) -> int:
        return super().samples_per_attempt * (self.lookahead + 1)

    async def advance(self, walk: Walk, nodes: list[Node]) -> list[Node]:
        return await walk.advance(nodes, self.lookahead)
