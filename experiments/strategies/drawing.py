"""Independent answers to one question, as many as a token budget has room for."""

from typing import ClassVar

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Question, Sample
from .base import Strategy
from .budgets import Budgeted


class Drawing(Budgeted, Strategy):
    """Methods whose answers are a pool. With a token budget they are drawn as long as one of full length still fits in."""

    is_pool: ClassVar[bool] = True

    n: int = Field(16, ge=1, le=10_000, title="Samples (N)", description="Independent answers per problem")

    @property
    def samples_per_attempt(self) -> int:
        return self.n

    async def draw(self, question: Question, lab: Lab) -> list[Sample]:
        """Up to N answers. What is left of the budget is never overdrawn: none is begun that might not fit."""
        samples: list[Sample] = []
        while n_more := self._n_that_fit(self.n - len(samples), lab):
            samples += await lab.generate(question.messages, n_more)
        return samples

    def _n_that_fit(self, n: int, lab: Lab) -> int:
        left = self.token_budget - lab.spent.completion_tokens
        return min(n, max(left, 0) // lab.decoding.max_tokens) if self.token_budget else n
