"""Answers that stand in a distractor, and texts that answer several problems, marked by the ordinary graders."""

import pytest

from experiments.domain.types import FinishReason, Message, Question, Target
from experiments.graders.base import graders
from experiments.graders.isolation import GradingPool
from experiments.graders.marking import marked
from experiments.graders.several_answers import answers_by_question

ASKED = (Message("user", "?"),)


async def mark(grader: str, text: str, question: Question, target: Target, finish_reason=FinishReason.STOP):
    pool = GradingPool()
    try:
        return (await marked(pool, graders.build(grader), text, finish_reason, question, target))[0]
    finally:
        await pool.aclose()


@pytest.mark.parametrize(
    ("answer", "expected"), [("14", True), ("4", False), ("1.4", False), ("Paris", True), ("par", False), ("14.5", False)]
)
async def test_an_answer_is_from_a_distractor_where_it_stands_there_as_words_of_its_own(answer, expected):
    question = Question("q", ASKED, distractors=("It cost 14, they say.", "They went to paris."))
    assert (await mark("exact", f"Answer: {answer}", question, Target(("9",)))).details == {"in_distractor": expected}


async def test_a_choice_counts_by_its_words_and_without_distractors_nothing_is_said():
    choices = ("Rome", "Oslo")
    target = Target(("Oslo",), choices)
    given = await mark("multiple_choice", "Answer: A", Question("q", ASKED, choices, distractors=("In Rome.",)), target)
    assert given.details == {"in_distractor": True}
    assert (await mark("multiple_choice", "Answer: A", Question("q", ASKED, choices), target)).details == {}


def several(n: int) -> tuple[Question, Target]:
    """Problem k of n has the answer 10 * k; its own is the last."""
    companions = tuple(Question(f"p{k}", ASKED) for k in range(1, n))
    targets = tuple(Target((str(10 * k),)) for k in range(1, n))
    return Question(f"p{n}", ASKED, companions=companions), Target((str(10 * n),), companions=targets)


async def test_every_problem_is_held_against_its_own_target():
    given = await mark("numeric", "Answer to Q1: 10\nAnswer to Q2: 21\nAnswer to Q3: 30", *several(3))
    assert given.verdict == "correct"
    assert given.details == {
        "parts": ["correct", "wrong", "correct"],
        "problems": ["p1", "p2", "p3"],
        "answers_found": 3,
        "found_by": "label",
    }
    assert given.explanation.startswith("2 of the 3 problems of this prompt right.")


async def test_a_skipped_answer_moves_none_of_the_others():
    given = await mark("numeric", "Answer to Q1: 10\nAnswer to Q3: 30", *several(3))
    assert given.details["parts"] == ["correct", "unparsed", "correct"]


async def test_where_the_text_was_cut_off_only_what_did_not_end_is_truncated():
    given = await mark("numeric", "Answer to Q1: 10\nAnswer to Q2: 2", *several(4), FinishReason.LENGTH)
    assert given.details["parts"] == ["correct", "truncated", "truncated", "truncated"]
    assert given.verdict == "truncated"


async def test_one_problem_in_the_same_form_is_marked_the_same_way():
    assert (await mark("exact", "Answer to Q1: 10", *several(1))).details["parts"] == ["correct"]
    failed = await mark("exact", "", *several(2), FinishReason.FAILED)
    assert (failed.verdict, failed.details) == ("failed", {})


@pytest.mark.parametrize(
    ("text", "n", "found", "how"),
    [
        ("Answer to Q1: 5\n\nAnswer to Q2: 6", 2, {1: "5", 2: "6"}, "label"),
        ("**Answer to Q1:** 5\n**Answer to Q2:** 6", 2, {1: "5", 2: "6"}, "label"),
        ("Answer to Q1: -5", 1, {1: "-5"}, "label"),
        ("answer for question 2 - Rome", 2, {2: "Rome"}, "label"),
        ("Answer to Q1: 5. Wait. Answer to Q1: 7", 1, {1: "7"}, "label"),
        ("Answer to Q9: 5", 2, {}, "none"),
        ("Q1: 5\nQ2: 6", 2, {1: "5", 2: "6"}, "number"),
        ("1. five\n2. six", 2, {1: "five", 2: "six"}, "number"),
        ("So \\boxed{5} and \\boxed{\\frac{1}{2}} and \\boxed{9}", 2, {1: "\\boxed{5}", 2: "\\boxed{\\frac{1}{2}}"}, "order"),
        ("It is 5.", 1, {1: "It is 5."}, "order"),
        ("It is 5.", 2, {}, "none"),
        ("", 1, {}, "none"),
    ],
)
def test_labels_decide_then_numbers_then_the_order_of_boxes(text, n, found, how):
    assert answers_by_question(text, n) == (found, how)
