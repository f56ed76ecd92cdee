"""What judges of answers about concept texts share: one axis each, held against the rule that the prompt stated."""

import re
from typing import ClassVar

from pydantic import Field

from ..domain.concept_rules import place_of, rule_for
from ..domain.types import Decoding, Question, Sample
from .base import VerifierLab
from .judges import WrittenJudge, filled_in

_SCORE = re.compile(r'"score"\s*:\s*(\d(?:\.\d+)?)')


class ConceptJudge(WrittenJudge):
    """One axis of three; subclasses say which. A problem that is not about a concept text has no score."""

    axis: ClassVar[str]

    forces_form: bool = Field(
        False, title="Force the form", description="By a grammar, which local models take: a small judge may not keep to it else"
    )

    @property
    def decoding(self) -> Decoding:
        usual = super().decoding
        return usual.model_copy(update={"grammar": _GRAMMAR}) if self.forces_form else usual

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        place = place_of(question.key)
        return await self.mean_judgement(self.prompt(question, sample.whole_text), read_score, sample, lab) if place else None

    def prompt(self, question: Question, answer: str) -> str:
        """What the judge reads: the task with its rule as the model was told it, the answer, and the axis."""
        _, level = place_of(question.key)
        rule = rule_for(level)
        text = str(question.metadata.get("text", ""))
        return filled_in(_TEMPLATE, text=text, rule=rule.text, answer=answer, n_words=str(len(answer.split())), axis=self.axis)


def read_score(text: str) -> float | None:
    """Of `{"score": 0.7}`, also inside other words; the last one counts. One above 1 is none."""
    found = _SCORE.findall(text)
    return float(found[-1]) if found and float(found[-1]) <= 1 else None


_GRAMMAR = ('root ::= "{\\"score\\": " ("1.0" | "0." [0-9]) "}"',)

_TEMPLATE = """Somebody was given this text and this rule, and answered a question about it.

Text: {{ text }}

Rule: {{ rule }}

Answer ({{ n_words }} words): {{ answer }}

Judge one thing only. {{ axis }}
1.0 is fully, 0.7 to 0.9 mostly, 0.4 to 0.6 in part, 0.1 to 0.3 hardly, 0.0 not at all.
Reply with JSON such as {"score": 0.5} and nothing else."""
