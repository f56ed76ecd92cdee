"""The answer begins with the right label or words."""

from dataclasses import replace

from ..domain.answers import visible
from ..domain.choices import labels_of, right_letters
from ..domain.formats.matching import comparable, may_become, starts_with, stripped
from ..domain.types import FinishReason, Question, Target, Verdict
from .base import Extraction, Grader, Mark, graders, quoted


@graders.register("prefix_match", label="Prefix match")
class PrefixMatch(Grader):
    """Right if the answer begins with the target, with no letter or digit right after it; case and punctuation around it do
    not count. Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design, 2023.

    Of a problem with choices the label counts, as the prompt's wording calls it. An answer that begins with no label at all
    did not follow the format: it is unparsed, of the kind “other”. What comes after the beginning decides nothing, so that
    an answer may be cut off there.
    """

    def extract(self, text: str, question: Question) -> Extraction:
        given = stripped(visible(text))
        if not question.choices:
            first_line = given.partition("\n")[0].strip()
            if not first_line:
                return Extraction(None, None, how="The answer is empty.")
            return Extraction(first_line, comparable(first_line), explicit=True)
        labels = [comparable(label) for label in labels_of(question)]
        met = [k for k, label in enumerate(labels) if starts_with(given.lower(), label)]
        if not met:
            return Extraction(None, None, how=f"It begins with none of {quoted(*labels_of(question))}.")
        longest = max(met, key=lambda k: len(labels[k]))
        taken = given[: len(labels[longest])]
        return Extraction(taken, chr(65 + longest), explicit=True, how=f"It begins with {quoted(taken)}.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        if target.choices:
            right = right_letters(target.answers, target.choices)
            is_right = extraction.canonical in right
            return float(is_right), f"Choice {extraction.canonical} is {'' if is_right else 'not '}the target."
        for answer in target.answers:
            if comparable(answer) and starts_with(extraction.canonical, comparable(answer)):
                return 1.0, f"It begins with {quoted(answer)}, the target."
        return 0.0, f"{quoted(extraction.canonical)} does not begin with {quoted(*target.answers)}."

    def mark(self, text: str, finish_reason: FinishReason, question: Question, target: Target) -> Mark:
        if finish_reason == FinishReason.LENGTH:
            looked_for = labels_of(question) if question.choices else target.answers
            if any(may_become(visible(text), label) for label in looked_for):
                return Mark(Verdict.TRUNCATED, None, None, None, "Cut off before it was decided what it begins with.")
            finish_reason = FinishReason.STOP
        mark = super().mark(text, finish_reason, question, target)
        return replace(mark, details={"kind": "other"}) if mark.verdict == Verdict.UNPARSED else mark
