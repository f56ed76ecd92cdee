"""A sentence that asks for nothing, as long as one that does."""

from pydantic import Field

from ..domain.types import Question
from .base import Treatment, treatments, with_sentence

_WORDS = "This question is one of several that are put to you today, each of them for itself and in no particular order"


@treatments.register("placebo", label="Placebo sentence")
class Placebo(Treatment):
    """Adds a neutral sentence. What it changes is the effect of any further sentence, not of what a sentence asks for."""

    n_words: int = Field(6, ge=1, le=21, title="Words", description="As many as the sentence it is compared with")

    def apply(self, question: Question, seed: int) -> Question:
        return with_sentence(question, " ".join(_WORDS.split()[: self.n_words]) + ".")
