"""Ask several problems in one prompt."""

from dataclasses import replace

from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.types import Message, Question
from .base import Treatment, treatments


@treatments.register("several_problems", label="Several problems in one prompt")
class SeveralProblems(Treatment):
    """The problems that follow this one in the run stand before it, numbered, and this one comes last, so that every problem
    is asked once at every position. REST: Stress Testing Large Reasoning Models by Asking Multiple Problems at Once, 2025.

    Answers are asked for by label (“Answer to Q2:”) and not by order alone, which would give everything after a skipped answer
    to the wrong problem. Each is graded against its own problem's target.
    """

    problems: int = Field(2, ge=1, le=50, title="Problems", description="In one prompt, the attempt's own included")

    @property
    def n_companions(self) -> int:
        return self.problems - 1

    def apply(self, question: Question, seed: int) -> Question:
        companions = question.companions or ()
        if len(companions) != self.n_companions:
            raise InvalidInput(f"{self.problems} problems are to be asked in one prompt, and {len(companions) + 1} are there.")
        asked = [each.messages[-1].content for each in (*companions, question)]
        numbered = [f"Q{number}: {text}" for number, text in enumerate(asked, start=1)]
        text = "\n\n".join([*numbered, _in_words(self.problems)])
        return replace(question, messages=(*question.messages[:-1], Message("user", text)))


def _in_words(n: int) -> str:
    labels = " and ".join([f"“Answer to Q{number}:”" for number in range(1, min(n, 2) + 1)])
    more = ", and so on" if n > 2 else ""
    return f"Answer one by one. Begin each final answer on a line of its own with {labels}{more}."
