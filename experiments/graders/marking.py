"""The whole judgement of one text: problem by problem where it answers several, and whether it took up a distractor."""

import re
from dataclasses import replace

from ..domain.answers import visible
from ..domain.types import FinishReason, Question, Target, Verdict
from .base import Grader, Mark
from .isolation import GradingPool
from .several_answers import answers_by_question


async def marked(
    pool: GradingPool, grader: Grader, text: str, finish_reason: FinishReason, question: Question, target: Target
) -> tuple[Mark, float]:
    """(the mark, seconds it took), by the run's grader. Of several problems in one prompt each is held against its own target."""
    if question.companions is not None and finish_reason != FinishReason.FAILED:
        return await _in_parts(pool, grader, text, finish_reason, question, target)
    mark, seconds = await pool.mark(grader, text, finish_reason, question, target)
    if question.distractors and mark.extracted:
        mark = replace(mark, details={**mark.details, "in_distractor": is_from_distractor(mark, question)})
    return mark, seconds


def is_from_distractor(mark: Mark, question: Question) -> bool:
    """Whether the answer stands in a distractor, as words of its own; a choice counts by its words."""
    answer = mark.extracted
    if (
        question.choices
        and mark.canonical
        and len(mark.canonical) == 1
        and ord(mark.canonical) - 65 in range(len(question.choices))
    ):
        answer = question.choices[ord(mark.canonical) - 65]
    words = re.compile(rf"(?<![\w.,]){re.escape(answer.strip())}(?![\w]|[.,]\d)", re.IGNORECASE)
    return any(words.search(distractor) for distractor in question.distractors)


async def _in_parts(
    pool: GradingPool, grader: Grader, text: str, finish_reason: FinishReason, question: Question, target: Target
) -> tuple[Mark, float]:
    """The problem's own mark, as the last of the prompt, with the verdicts on all of them by position.

    Where the text was cut off, that is so of the last answer in it and of those that did not come.
    """
    asked = [*question.companions, replace(question, companions=None)]
    targets = [*target.companions, replace(target, companions=())]
    found, how = answers_by_question(visible(text), len(asked))
    last = max(found, default=0)
    marks, seconds = [], 0.0
    for number, (part, wanted) in enumerate(zip(asked, targets, strict=True), start=1):
        if number in found:
            ended = FinishReason.STOP if number != last else finish_reason
            mark, took = await pool.mark(grader, found[number], ended, part, wanted)
            marks.append(mark)
            seconds += took
        else:
            cut_off = finish_reason == FinishReason.LENGTH and number > last
            verdict = Verdict.TRUNCATED if cut_off else Verdict.UNPARSED
            marks.append(Mark(verdict, None, None, None, f"No answer to Q{number}."))
    right = sum(mark.verdict == Verdict.CORRECT for mark in marks)
    details = {
        "parts": [mark.verdict.value for mark in marks],
        "problems": [part.key for part in asked],
        "answers_found": len(found),
        "found_by": how,
    }
    own = marks[-1]
    told = f"{right} of the {len(asked)} problems of this prompt right. Q{len(asked)}: {own.explanation}"
    return replace(own, explanation=told, details={**own.details, **details}), seconds
