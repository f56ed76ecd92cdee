"""Ask for a length that fits the difficulty."""

from ..domain.types import Question
from .base import Treatment, treatments, with_sentence


@treatments.register("fit_length", label="Length by difficulty")
class FitLength(Treatment):
    """Asks that easy questions be answered more shortly than hard ones, without naming a length. The prompt of ConciseHint:
    Boosting Efficient Reasoning via Continuous Concise Hints during Generation, 2025, called AdaP there; the wording is ours.
    """

    def apply(self, question: Question, seed: int) -> Question:
        return with_sentence(
            question, "Let the length of your reasoning fit the difficulty: the easier the question, the shorter."
        )
