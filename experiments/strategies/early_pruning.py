"""Begin many answers, look at their beginnings, and finish only the most promising ones."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import FinishReason, Outcome, Purpose, Question, Sample
from .base import Strategy, strategies
from .budgets import Budgeted
from .dialogue import Kept
from .keeping import best


@strategies.register("early_pruning", label="Prune in mid-generation (untrained)")
class EarlyPruning(Budgeted, Strategy):
    """N answers are begun; after some tokens a verifier scores the beginnings and only the top share is written to its end.

    Adaptive Inference-Time Compute: LLMs Can Predict if They Can Do Better, Even Mid-Generation, 2024, which trained its model
    to predict; here a verifier of the run scores the beginnings. Answers that end before the look are kept: they cost nothing
    more. Of the finished answers the one with the highest score is handed in. It misleads where a beginning says little about
    its end, or where the verifier likes short texts: compare with a random score.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"continues"})

    n: int = Field(16, ge=1, le=256, title="Samples begun (N)", description="Independent answers per problem")
    tokens: int = Field(
        64, ge=1, le=32768, title="Look after", description="Tokens of a beginning; longer answers are judged by it"
    )
    share: float = Field(0.5, gt=0, le=1, title="Share kept", description="Of the unfinished beginnings; at least one is kept")
    verifier: str = Field("mean_logprob", title="Verifier", description="Scores beginnings and answers; the run must use it")

    @property
    def samples_per_attempt(self) -> int:
        return self.n + max(1, round(self.share * self.n))

    @property
    def verifiers_used(self) -> frozenset[str]:
        return frozenset({self.verifier})

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        beginnings = await self._begin(question, lab)
        finished = [each for each in beginnings if each.finish_reason == FinishReason.STOP]
        unfinished = [each for each in beginnings if each.finish_reason == FinishReason.LENGTH]
        promising: list[Sample] = []
        if self.tokens >= lab.decoding.max_tokens:
            stopped = "answers may be no longer than a beginning"
            finished, unfinished = finished + unfinished, []
        elif not unfinished:
            stopped = "no answer was longer than a beginning"
        elif self.is_budget_spent(lab):
            stopped = "token budget spent"
        else:
            stopped = "pruned"
            promising = await self._most_promising(unfinished, lab)
        for answer in finished:
            lab.hand_in(answer)
        ends = [end for (end,) in await asyncio.gather(*(self._end(question, each, lab) for each in promising))]
        finished += [end for end in ends if end.finish_reason != FinishReason.FAILED]
        chosen = await best(finished, self.verifier, lab) if finished else Kept(None, "no answer was finished")
        mean_end = sum(end.usage.completion_tokens for end in ends) / len(ends) if ends else 0
        pruned = [each.index for each in unfinished if each not in promising]
        trace: dict[str, Any] = {
            "stopped": stopped,
            "begun": self.n,
            "finished": len(finished),
            "pruned": pruned,
            "tokens_saved_estimate": round(mean_end * len(pruned)),  # had they become as long as those that were kept
            "kept": chosen.why,
            **self.budget_trace(lab),
        }
        return Outcome(chosen.sample, trace)

    async def _begin(self, question: Question, lab: Lab) -> list[Sample]:
        short = lab.decoding.model_copy(update={"max_tokens": min(self.tokens, lab.decoding.max_tokens)})
        return await lab.generate(question.messages, self.n, decoding=short, purpose=Purpose.STEP)

    async def _most_promising(self, unfinished: Sequence[Sample], lab: Lab) -> list[Sample]:
        """Ties, and beginnings without a score, which come last, are drawn by lot."""
        scores = await lab.verify(self.verifier, unfinished)
        lot = rng(lab.seed, "pruning").permutation(len(unfinished))
        ranked = sorted(lot, key=lambda place: -math.inf if scores[place] is None else scores[place], reverse=True)
        return [unfinished[place] for place in ranked[: max(1, round(self.share * len(unfinished)))]]

    async def _end(self, question: Question, beginning: Sample, lab: Lab) -> list[Sample]:
        rest = lab.decoding.model_copy(update={"max_tokens": lab.decoding.max_tokens - self.tokens})
        return await lab.generate(question.messages, decoding=rest, parent=beginning, prefix=beginning.text)
