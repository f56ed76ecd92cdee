"""One letter out of the choices."""

from ..domain.answers import choice_letter, visible
from ..domain.normal_forms import canonical
from ..domain.types import Question, Target
from .base import Extraction, Grader, graders


@graders.register("multiple_choice", label="Multiple choice")
class MultipleChoice(Grader):
    """Right if the letter found, or the choice quoted in its own words, is the target's."""

    def extract(self, text: str, question: Question) -> Extraction:
        found = choice_letter(visible(text), question.choices)
        return Extraction.of(found, found.text if found else None, "No choice found: neither a letter nor a choice's own words.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        right = right_letters(target)
        if extraction.canonical in right:
            return 1.0, f"{extraction.canonical} is the target."
        return (
            0.0,
            f"{extraction.canonical} is not {' or '.join(sorted(right)) or 'among the choices, and neither is the target'}.",
        )


def right_letters(target: Target) -> set[str]:
    """The letters of the target's answers, given as choices' own words or as letters. A choice's words win over a letter."""
    by_words = {canonical(choice): chr(65 + i) for i, choice in enumerate(target.choices)}
    named = {by_words[canonical(answer)] for answer in target.answers if canonical(answer) in by_words}
    return named or {answer.strip().strip("().").upper() for answer in target.answers if len(answer.strip().strip("().")) == 1}
