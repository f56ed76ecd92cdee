"""What a problem's choices are called, and which of them its target names."""

from collections.abc import Sequence

from .normal_forms import canonical
from .types import Question


def labels_of(question: Question) -> tuple[str, ...]:
    """What the prompt calls the choices, in their order: A, B, C where its wording says nothing else."""
    return question.labels or tuple(chr(65 + k) for k in range(len(question.choices)))


def right_letters(answers: Sequence[str], choices: Sequence[str]) -> set[str]:
    """The letters of the answers, given as choices' own words or as letters. A choice's words win over a letter."""
    by_words = {canonical(choice): chr(65 + i) for i, choice in enumerate(choices)}
    named = {by_words[canonical(answer)] for answer in answers if canonical(answer) in by_words}
    return named or {answer.strip().strip("().").upper() for answer in answers if len(answer.strip().strip("().")) == 1}
