"""Ask for the final answer alone."""

from pydantic import Field

from ..domain.types import Question
from .base import Cap, Treatment, treatments, with_sentence


@treatments.register("direct_answer", label="Direct answer")
class DirectAnswer(Treatment):
    """Asks for the final answer without any working. Brevity Constraints Reverse Performance Hierarchies in Language
    Models, 2026; the wording is ours.
    """

    most: int = Field(10, ge=1, le=1000, title="At most", description="Words an answer without working has at most")

    @property
    def cap(self) -> Cap:
        return Cap(self.most, "words")

    def apply(self, question: Question, seed: int) -> Question:
        return with_sentence(question, f"Give only the final answer, without any working, in at most {self.cap}.")
