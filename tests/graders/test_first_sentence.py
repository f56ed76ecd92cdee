"""Short answers in prose: only the first sentence counts, and only whole words."""

import pytest

from experiments.domain.types import FinishReason, Question, Target, Verdict
from experiments.graders.base import graders

PARIS = Target(("Paris",))


def mark(text: str, target: Target = PARIS, finish_reason: FinishReason = FinishReason.STOP):
    return graders.build("first_sentence").mark(text, finish_reason, Question("q", ()), target)


@pytest.mark.parametrize(
    "text",
    ["Paris", "paris.", "It is **Paris**, of course. Not Rome.", "1. Paris\n2. Rome", "<think>Rome?</think>Paris!", "“Paris.”"],
)
def test_the_target_in_the_first_sentence_is_right(text):
    assert mark(text).verdict == Verdict.CORRECT


@pytest.mark.parametrize("text", ["Rome. Or was it Paris?", "Rome\nParis", "Parisian", "What a question! Paris."])
def test_the_target_anywhere_else_is_not(text):
    assert mark(text).verdict == Verdict.WRONG


def test_any_spelling_of_the_target_will_do_but_no_part_of_another_number():
    eight = Target(("8", "eight"))
    assert mark("A spider has eight legs.", eight).verdict == Verdict.CORRECT
    assert mark("A spider has 18 legs.", eight).verdict == Verdict.WRONG
    assert mark("C.", Target(("C",))).verdict == Verdict.CORRECT


def test_an_answer_cut_off_counts_once_its_first_sentence_is_whole():
    assert mark("It is Paris. The city of", finish_reason=FinishReason.LENGTH).verdict == Verdict.CORRECT
    assert mark("It is Paris", finish_reason=FinishReason.LENGTH).verdict == Verdict.TRUNCATED
