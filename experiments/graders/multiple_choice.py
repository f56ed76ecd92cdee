"""One letter out of the choices."""

from ..domain.answers import choice_letter, visible
from ..domain.choices import right_letters
from ..domain.types import Question, Target
from .base import Extraction, Grader, graders


@graders.register("multiple_choice", label="Multiple choice")
class MultipleChoice(Grader):
    """Right if the letter found, or the choice quoted in its own words, is the target's."""

    def extract(self, text: str, question: Question) -> Extraction:
        found = choice_letter(visible(text), question.choices)
        return Extraction.of(found, found.text if found else None, "No choice found: neither a letter nor a choice's own words.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        right = right_letters(target.answers, target.choices)
        if extraction.canonical in right:
            return 1.0, f"{extraction.canonical} is the target."
        return (
            0.0,
            f"{extraction.canonical} is not {' or '.join(sorted(right)) or 'among the choices, and neither is the target'}.",
        )
