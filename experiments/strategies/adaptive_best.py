"""Draw answers until one of them is good enough: what the two rules of that kind share."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import FinishReason, Outcome, Question, Sample
from .adaptive_consistency import stop_trace
from .base import Strategy
from .budgets import Budgeted
from .choosing import Candidate, highest


class AdaptiveBest(Budgeted, Strategy):
    """Hands in the answer with the highest score; where none has one, any of them by lot."""

    n: int = Field(16, ge=1, le=256, title="Samples at most (N)", description="Independent answers per problem")
    at_once: int = Field(
        1,
        ge=1,
        le=256,
        title="At once",
        description="Answers drawn before each look at their scores; more fill the engine better",
    )
    is_annealed: bool = Field(
        False,
        title="Annealed temperature",
        description="The first answer at temperature 0, the next at 0.5, 0.75 and so on, never above the condition's",
    )

    @abstractmethod
    async def scores(self, question: Question, answers: Sequence[Sample], lab: Lab) -> list[float | None]:
        """Of answers that did not fail. Higher is better, None where there is none."""

    @property
    @abstractmethod
    def threshold(self) -> float:
        """A score that is good enough."""

    @property
    def samples_per_attempt(self) -> int:
        return self.n

    @property
    def samples_at_once(self) -> int:
        return self.at_once

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        scored: list[Candidate] = []
        n_drawn, stopped = 0, ""
        while not stopped:
            drawn = await self._draw(question, n_drawn, min(self.at_once, self.n - n_drawn), lab)
            n_drawn += len(drawn)
            good = [answer for answer in drawn if answer.finish_reason != FinishReason.FAILED]
            scored += [Candidate(*each) for each in zip(good, await self.scores(question, good, lab), strict=True)]
            known = [candidate.score for candidate in scored if candidate.score is not None]
            stopped = self._why_stop(known, n_drawn, lab)
        best = highest(scored, rng(lab.seed, "tied scores")).sample if scored else None
        trace: dict[str, Any] = {
            "stopped": stopped,
            "scores": [candidate.score for candidate in scored],
            "unscored": len(scored) - len(known),
            "verifiers": sorted(self.verifiers_used),
            **stop_trace(self.n, n_drawn),
            **self.budget_trace(lab),
        }
        return Outcome(best, trace)

    async def _draw(self, question: Question, n_before: int, n: int, lab: Lab) -> list[Sample]:
        if not self.is_annealed:
            return await lab.generate(question.messages, n)
        drawn = []
        for place in range(n_before, n_before + n):
            temperature = min(1 - 0.5**place, lab.decoding.temperature)
            drawn += await lab.generate(question.messages, decoding=lab.decoding.model_copy(update={"temperature": temperature}))
        return drawn

    def _why_stop(self, known: Sequence[float], n_drawn: int, lab: Lab) -> str:
        if any(score >= self.threshold for score in known):
            return "an answer is good enough"
        if n_drawn == self.n:
            return "all samples drawn" if known else "all samples drawn, none has a score"
        return "token budget spent" if self.is_budget_spent(lab) else ""
