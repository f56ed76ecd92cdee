"""Draw answers until the model says that starting over would not do better."""

import asyncio
import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Message, Question, Sample
from .adaptive_best import AdaptiveBest
from .base import strategies
from .dialogue import shown


@strategies.register("restart_question", label="Ask whether a restart would help (untrained)")
class RestartQuestion(AdaptiveBest):
    """After each answer one fixed question; P(No) / (P(No) + P(Yes)) is the answer's score, and at the threshold drawing ends.

    Adaptive Inference-Time Compute: LLMs Can Predict if They Can Do Better, Even Mid-Generation, 2024, which trained its model
    for this question; ours is not, and its answer is often flat and badly calibrated. The prompts of the question count as cost.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"scores_text"})

    confidence: float = Field(
        0.8, gt=0, le=1, title="Good enough", description="Probability of “No” against “Yes” at which drawing ends"
    )

    @property
    def threshold(self) -> float:
        return self.confidence

    async def scores(self, question: Question, answers: Sequence[Sample], lab: Lab) -> list[float | None]:
        asked = [(*question.messages, Message("assistant", shown(answer)), Message("user", RESTART)) for answer in answers]
        told = await asyncio.gather(
            *(lab.logprobs_of(messages, ("No", "Yes"), parent=answer) for messages, answer in zip(asked, answers, strict=True))
        )
        return [_share_of_first(logprobs) for logprobs in told]


def _share_of_first(logprobs: Sequence[float]) -> float | None:
    """exp(a) / (exp(a) + exp(b)); None where the call failed or both are impossible."""
    if not logprobs or max(logprobs) == -math.inf:
        return None
    no, yes = (math.exp(logprob - max(logprobs)) for logprob in logprobs)
    return no / (no + yes)


RESTART = "Would you do better if you started over? Reply with Yes or No."
