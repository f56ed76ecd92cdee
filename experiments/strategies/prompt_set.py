"""Answer every prompt of a set of the same meaning, and see how likely each prompt makes each of the answers."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Continuation, FinishReason, Message, Outcome, Question, Sample
from ..statistics.text_overlap import mean_overlap
from .base import Strategy, strategies


@strategies.register("prompt_set", label="Answer a set of prompts")
class PromptSet(Strategy):
    """The likeliest answer to each prompt and, from a model that tells it, the log-probability of every answer under every
    prompt. POSIX: A Prompt Sensitivity Index, 2024.

    All of them are read, each answer under its own prompt too, so that no number was found otherwise than the one it is
    compared with. A prompt that is in the set twice is read once. Handed in is the answer to the question's own prompt.
    """

    n: int = Field(10, ge=1, le=50, title="Prompts", description="At most so many of the set, the question's own first")

    @property
    def samples_per_attempt(self) -> int:
        return self.n

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        prompts = (question.messages, *question.alternatives)[: self.n]
        greedy = lab.decoding.model_copy(update={"temperature": 0.0})
        answers = [one for (one,) in await asyncio.gather(*(lab.generate(prompt, decoding=greedy) for prompt in prompts))]
        trace: dict[str, Any] = {
            "lengths": [_n_tokens(answer) for answer in answers],
            "written": [sum(answer.token_logprobs) if answer.token_logprobs else None for answer in answers],
            "overlap": mean_overlap([answer.text for answer in answers]),
        }
        if "scores_text" in lab.capabilities:
            trace["logprobs"] = await _table(prompts, answers, lab)
        is_there = answers[0].finish_reason != FinishReason.FAILED
        return Outcome(chosen=answers[0] if is_there else None, trace=trace)


async def _table(prompts: Sequence[tuple[Message, ...]], answers: Sequence[Sample], lab: Lab) -> list[list[float | None]]:
    """log P(answer | prompt), a row for each prompt; None where the answer is empty or the reading failed."""
    texts = [_as_written(answer) for answer in answers]
    given = list(dict.fromkeys(text for text in texts if text))
    asked = list(dict.fromkeys(prompts))
    told = await asyncio.gather(*(lab.logprobs_of(prompt, given) for prompt in asked)) if given else []
    rows = {
        prompt: dict(zip(given, (_finite(each) for each in row), strict=True)) if row else {}
        for prompt, row in zip(asked, told, strict=False)
    }
    return [[rows.get(prompt, {}).get(text) for text in texts] for prompt in prompts]


def _as_written(answer: Sample) -> Continuation:
    """Its own tokens; the text, to be tokenised anew, where the model does not tell them."""
    return answer.text if answer.tokens is None else answer.tokens


def _n_tokens(answer: Sample) -> int:
    told = answer.tokens if answer.tokens is not None else answer.token_logprobs
    return answer.usage.completion_tokens if told is None else len(told)


def _finite(logprob: float) -> float | None:
    return logprob if math.isfinite(logprob) else None
