"""Put errors and other noise into the question."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.perturbing.operations import Name, perturbed
from ..domain.types import Message, Question
from .base import Treatment, treatments


@treatments.register("perturbation", label="Perturbed question")
class Perturbation(Treatment):
    """Changes the wording of the question and of nothing around it: instructions, choices and system message stay. Revisit
    Input Perturbation Problems for LLMs, 2023, for the kinds of noise; tables and rules are ours, for English.

    Numbers, units, negations, quotations, letters of choices, formulas and code in the question stay to the letter, but for
    “spoken number”, which writes whole numbers in words. What is done to the question is done wherever the prompt has it.
    """

    operations: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        ("swap",),
        title="Operations",
        description="One a line. Of several, sentences are changed first, then words, then characters",
    )
    rate: int = Field(
        10,
        ge=1,
        le=100,
        title="Rate in percent",
        description="Share of the words that may be changed, one at least; operations on sentences take the whole question",
    )

    def apply(self, question: Question, seed: int) -> Question:
        asked = question.slots.get("question", "")
        *before, last = question.messages
        if asked not in last.content:
            raise InvalidInput("The prompt does not show the question as it is: put {{ question }} into the variant's template.")
        made = perturbed(asked, self.operations, self.rate / 100, seed)
        if not asked or not made.edits:
            return question
        text = last.content.replace(asked, made.text)
        return replace(question, messages=(*before, Message(last.role, text)), edits=made.edits)
