"""Where unfinished texts would end, and how many of them agree."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from ..domain.types import Decoding, FinishReason, Question, Sample
from .base import PoolVerifier, VerifierLab, verifiers


@verifiers.register("majority_lookahead", label="Majority lookahead")
class MajorityLookahead(PoolVerifier):
    """Each unfinished text is written to its end at temperature 0; its score is the share of all texts with the same answer.

    A text that ended by itself is taken as it stands. Texts that come to no answer have no score. The rollout is that of
    lookahead search (Scaling LLM Test-Time Compute Optimally can be More Effective than Scaling Model Parameters, 2024), the
    share that of self-consistency (Wang et al., 2022); together they stand in for a process reward without asking a judge.

    Costs one whole rollout for each unfinished text. A majority of few texts says little, and one that errs together misleads.
    """

    needs = frozenset({"continues"})

    max_tokens: int = Field(256, ge=1, le=32768, title="Rollout's max tokens", description="A longer one is cut off")

    @property
    def judge(self) -> str | None:
        return ""

    async def score_pool(self, question: Question, samples: Sequence[Sample], lab: VerifierLab) -> list[float | None]:
        answers = await asyncio.gather(*(self._answer(question, sample, lab) for sample in samples))
        votes = Counter(answer for answer in answers if answer is not None)
        return [None if answer is None else votes[answer] / len(samples) for answer in answers]

    async def _answer(self, question: Question, sample: Sample, lab: VerifierLab) -> str | None:
        if sample.finish_reason == FinishReason.STOP and not sample.stop_string:
            return await lab.answer_of(sample)
        decoding = Decoding(temperature=0, max_tokens=self.max_tokens)
        whole = sample.whole_text + sample.stop_string
        (rollout,) = await lab.generate(question.messages, decoding=decoding, prefix=whole, parent=sample)
        lab.note(sample, rollouts=1)
        return await lab.answer_of(rollout)
