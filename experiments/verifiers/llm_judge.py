"""A language model gives each text a mark."""

from typing import Literal

from pydantic import Field

from ..domain.types import Question, Sample
from .base import VerifierLab, verifiers
from .judges import WrittenJudge, filled_in, read_label, read_points, task_of

RUBRIC = (
    "Is the final answer right? Does each step follow from the one before? Is every calculation correct? "
    "Does it answer the question that was asked?"
)


@verifiers.register("llm_judge", label="LLM judge, one text at a time")
class LLMJudge(WrittenJudge):
    """A language model reads the problem and one text, without the target, and marks it by a rubric.

    Marks are from 0 to 10 and divided by 10, or one of Sure, Likely and Impossible, which count 1, 0.5 and 0, as in Bag of
    Tricks for Inference-time Computation of LLM Reasoning, 2025. Several judgements are averaged. One that does not come in
    the format is counted and left out; if none does, the text has no score.

    Costs a call for each text and judgement, which reads problem and text again. Judges give many texts the same mark, prefer
    long and confident ones and their own model's, and can be talked into a mark by the text. A small model may not keep to
    the format at all: look at the share that could not be read.
    """

    scale: Literal["points", "labels"] = Field(
        "points", title="Marks", description="0 to 10 points, or Sure, Likely or Impossible"
    )
    rubric: str = Field(
        RUBRIC, min_length=1, title="Rubric", description="What to look at", json_schema_extra={"multiline": True}
    )

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        template, read = (_POINTS, read_points) if self.scale == "points" else (_LABELS, read_label)
        prompt = filled_in(template, problem=task_of(question), answer=sample.whole_text, rubric=self.rubric)
        return await self.mean_judgement(prompt, read, sample, lab)


_TEXTS = """You mark an answer to a problem. Nobody has told you the right answer: work it out before you judge.

Problem:
{{ problem }}

Answer:
{{ answer }}

What to look at: {{ rubric }}

"""
_POINTS = _TEXTS + "Say in a few words what is right and wrong. End with a line “Score: N”, where N is a number from 0 to 10."
_LABELS = _TEXTS + (
    "Say in a few words what is right and wrong. End with one of these three lines: “Verdict: Sure” if the answer is right, "
    "“Verdict: Likely” if it may be, “Verdict: Impossible” if it cannot be."
)
