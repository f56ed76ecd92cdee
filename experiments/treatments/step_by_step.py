"""Ask for the working before the answer."""

from ..domain.types import Question
from .base import Treatment, treatments, with_sentence


@treatments.register("step_by_step", label="Step by step")
class StepByStep(Treatment):
    """Asks for reasoning first and the final answer on a line of its own after it. Mind Your Step (by Step): Chain-of-Thought
    can Reduce Performance on Tasks where Thinking Makes Humans Worse, 2024; the wording is ours.
    """

    def apply(self, question: Question, seed: int) -> Question:
        return with_sentence(
            question, "Think step by step first. Then give the final answer on a line that begins with “Answer:”."
        )
