"""Draw answers until the vote on them is settled."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import FinishReason, Outcome, Question, Sample
from ..statistics.settled_vote import RISKS, fewest_to_settle, is_decided
from .base import Strategy, strategies
from .budgets import Budgeted
from .keeping import majority


@strategies.register("adaptive_consistency", label="Adaptive consistency")
class AdaptiveConsistency(Budgeted, Strategy):
    """Votes until the risk that the leader is not the model's first choice is small enough; hands in the leader.

    Let's Sample Step by Step: Adaptive-Consistency for Efficient Reasoning and Coding with LLMs, 2023. Asks at once for as many
    answers as it takes at the least, so none is drawn after the vote was settled. Also stops when the answers still to come
    could not change the winner. It misleads where the model agrees with itself on a wrong answer: the risk is that of another
    answer being more probable, not that of being wrong. Shares of the answers drawn are biased by the stop.
    """

    n: int = Field(16, ge=1, le=256, title="Samples at most (N)", description="Independent answers per problem")
    error_risk: float = Field(
        0.05, gt=0, lt=0.5, title="Error risk", description="Stops when another answer is the more probable one with this chance"
    )
    against: Literal["beta", "dirichlet"] = Field(
        "beta",
        title="Risk of",
        description="That the runner-up is ahead (Beta), or that any answer is, one not seen yet included (Dirichlet)",
    )

    @property
    def samples_per_attempt(self) -> int:
        return self.n

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        risk = RISKS[self.against]
        answers: list[Sample] = []
        looks: list[dict[str, float]] = []
        counts: list[int] = []
        stopped = ""
        while not stopped:
            n_more = fewest_to_settle(counts, self.n - len(answers), risk, self.error_risk)
            answers += await lab.generate(question.messages, n_more)
            counts = await _votes(answers, lab)
            looks.append({"drawn": len(answers), "risk": risk(counts)})
            stopped = self._why_stop(counts, len(answers), looks[-1]["risk"], lab)
        good = [answer for answer in answers if answer.finish_reason != FinishReason.FAILED]
        kept = await majority(good, lab) if good else None
        trace: dict[str, Any] = {
            "stopped": stopped,
            "rule": {"against": self.against, "error_risk": self.error_risk},
            "risk": looks[-1]["risk"],
            "votes": counts,
            "looks": looks,
            "kept": kept.why if kept else "every answer failed",
            **stop_trace(self.n, len(answers)),
            **self.budget_trace(lab),
        }
        return Outcome(kept.sample if kept else None, trace)

    def _why_stop(self, counts: Sequence[int], n_drawn: int, risk: float, lab: Lab) -> str:
        if risk <= self.error_risk:
            return "the vote is settled"
        if n_drawn == self.n:
            return "all samples drawn"
        if is_decided(counts, self.n - n_drawn):
            return "the rest cannot change the winner"
        return "token budget spent" if self.is_budget_spent(lab) else ""


async def _votes(answers: Sequence[Sample], lab: Lab) -> list[int]:
    """Largest first; texts without an answer do not vote."""
    found = await asyncio.gather(*(lab.answer_of(answer) for answer in answers if answer.finish_reason != FinishReason.FAILED))
    return [count for _, count in Counter(answer for answer in found if answer is not None).most_common()]


def stop_trace(n_max: int, n_drawn: int) -> dict[str, int]:
    """What the stop saved."""
    return {"n_max": n_max, "drawn": n_drawn, "saved": n_max - n_drawn}
