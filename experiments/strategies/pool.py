"""Draw a pool of independent samples; every k <= N and every selector is computed from it afterwards."""

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Outcome, Question
from .base import Strategy, strategies


@strategies.register("pool", label="Sample a pool")
class Pool(Strategy):
    """N independent samples of the same prompt. Large Language Monkeys, 2024."""

    is_pool = True

    n: int = Field(16, ge=1, le=10_000, title="Samples (N)", description="Independent samples per problem")

    @property
    def samples_per_attempt(self) -> int:
        return self.n

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        await lab.generate(question.messages, self.n)
        return Outcome()
