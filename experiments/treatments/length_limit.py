"""Ask for an answer of at most so many words, tokens or sentences."""

from pydantic import Field

from ..domain.types import Question
from .base import Cap, Treatment, Unit, treatments, with_sentence


@treatments.register("length_limit", label="Length limit")
class LengthLimit(Treatment):
    """Adds one sentence that caps the length of the answer. Brevity Constraints Reverse Performance Hierarchies in
    Language Models, 2026.

    The limit is asked for and not enforced: how many answers keep it is part of the result.
    """

    most: int = Field(20, ge=1, le=10_000, title="At most", description="The largest length that keeps the limit")
    unit: Unit = Field(
        "words", title="Unit", description="What is counted: words between blanks, the model's tokens, or sentences"
    )

    @property
    def cap(self) -> Cap:
        return Cap(self.most, self.unit)

    def apply(self, question: Question, seed: int) -> Question:
        return with_sentence(question, f"Answer in at most {self.cap}.")
