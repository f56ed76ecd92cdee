"""A language model says whether an unfinished text is on a right way."""

import math
from typing import Literal

from pydantic import Field

from ..domain.types import Question, Sample
from .base import VerifierLab, verifiers
from .judges import WrittenJudge, filled_in, read_label, task_of


@verifiers.register("process_judge", label="LLM judge of the steps so far")
class ProcessJudge(WrittenJudge):
    """A language model reads the problem and the solution so far, and says Sure, Likely or Impossible: 1, 0.5 or 0.

    Stands in for a trained process reward in searches over steps, as in Bag of Tricks for Inference-time Computation of LLM
    Reasoning, 2025, which draws three judgements. One judgement of all steps at once, or one after each step, put together
    by their smallest, product or mean. A judgement that does not come in the format is counted and left out.

    Costs a call for each judgement, and with each step judged as many as there are steps, each reading all before it. Judges
    often miss a mistake in the middle, and mislead a search into texts that please them.
    """

    steps: Literal["whole", "min", "product", "mean"] = Field(
        "whole", title="Steps", description="Judge all steps at once, or after each step and put the judgements together"
    )
    separator: str = Field("\n\n", min_length=1, title="Step separator", description="Between two steps, where each is judged")
    draws: int = Field(3, ge=1, le=100, title="Judgements", description="Asked each time; their mean counts")
    temperature: float = Field(0.7, ge=0, le=5, title="Judge's temperature", description="0 always says the likeliest")

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        if self.steps == "whole":
            return await self._judge(question, sample.whole_text, sample, lab)
        scores = [await self._judge(question, part, sample, lab) for part in self._growing(sample.whole_text)]
        if not scores or None in scores:
            return None
        return {"min": min, "product": math.prod, "mean": lambda values: sum(values) / len(values)}[self.steps](scores)

    async def _judge(self, question: Question, text: str, sample: Sample, lab: VerifierLab) -> float | None:
        return await self.mean_judgement(filled_in(_PROMPT, problem=task_of(question), solution=text), read_label, sample, lab)

    def _growing(self, text: str) -> list[str]:
        """The text up to the end of each step."""
        steps = [step for step in text.split(self.separator) if step.strip()]
        return [self.separator.join(steps[: i + 1]) for i in range(len(steps))]


_PROMPT = """You watch somebody solve a problem. The solution may stop in the middle; that is no mistake.

Problem:
{{ problem }}

Solution so far:
{{ solution }}

Can this lead to the right answer? Say in a few words what is right and wrong so far. End with one of these three lines: \
“Verdict: Sure” if every step is right, “Verdict: Likely” if it may be, “Verdict: Impossible” if a step is wrong."""
