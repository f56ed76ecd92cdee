"""Every grader of the registry answers the same few questions. A new grader needs one entry in CASES."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.domain.types import HIDDEN, FinishReason, Message, Question, Target, Verdict
from experiments.graders.base import Grader, grader_key, graders


@dataclass(frozen=True)
class Case:
    right: str
    wrong: str
    target: Target
    params: dict = field(default_factory=dict)
    no_answer: str = ""


CHOICES = ("Rome", "Paris", "Oslo")
SUM = {"task": "chain_sum", "config": {"seed": 1, "size": 1}, "entry": {"question": "?", "answer": "13", "metadata": {}}}
CASES = {
    "exact": Case("Answer: 13\n", "Answer: 12\n", Target(("13",))),
    "first_sentence": Case("It is 13. Sure.\n", "It is 12. Sure.\n", Target(("13",))),
    "numeric": Case("Answer: 13.0\n", "Answer: 12\n", Target(("13",)), no_answer="I do not know."),
    "regex": Case("Answer: 13\n", "Answer: 12\n", Target(("13",)), no_answer="It is 13."),
    "multiple_choice": Case("Answer: (B)\n", "Answer: (A)\n", Target(("B", "Paris"), CHOICES), no_answer="I do not know."),
    "prefix_match": Case("B) Paris\n", "A\n", Target(("Paris",), CHOICES), no_answer="I do not know."),
    "json_contract": Case(
        '{"reasoning": "10 + 3", "answer": 13}',
        '{"reasoning": "10 + 3", "answer": 12}',
        Target(("13",)),
        no_answer="I do not know.",
    ),
    "expected_words": Case(
        "Light and colors.\n", "Only shade.\n", Target((), metadata={HIDDEN: {"expected_words": ["light", "color"]}})
    ),
    "maths": Case("\\boxed{\\frac{26}{2}}", "\\boxed{12}", Target(("13",)), no_answer="I do not know."),
    "reasoning_gym_score": Case("Answer: 13\n", "Answer: 12\n", Target(("13",), metadata={HIDDEN: {"reasoning_gym": SUM}})),
}


def question(case: Case) -> Question:
    return Question("q", (Message("user", "?"),), case.target.choices)


def mark(name: str, text: str, finish_reason: FinishReason = FinishReason.STOP):
    case = CASES[name]
    return build(name).mark(text, finish_reason, question(case), case.target)


def build(name: str) -> Grader:
    return graders.build(name, CASES[name].params)


def test_every_grader_has_a_case():
    assert sorted(CASES) == sorted(graders.names())


@pytest.mark.parametrize("name", CASES)
def test_the_right_answer_is_correct_and_says_what_was_taken(name):
    given = mark(name, CASES[name].right)
    assert (given.verdict, given.score) == (Verdict.CORRECT, 1.0)
    assert given.extracted in CASES[name].right
    assert given.canonical
    assert given.explanation


@pytest.mark.parametrize("name", CASES)
def test_the_wrong_answer_is_wrong(name):
    given = mark(name, CASES[name].wrong)
    assert (given.verdict, given.score) == (Verdict.WRONG, 0.0)
    assert given.extracted in CASES[name].wrong
    assert given.explanation


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("text", ["", " \n", "<think>Answer: 13, \\boxed{13}"])
def test_a_text_without_an_answer_is_unparsed_and_has_no_score(name, text):
    given = mark(name, text)
    assert (given.verdict, given.score, given.extracted) == (Verdict.UNPARSED, None, None)


@pytest.mark.parametrize("name", CASES)
def test_a_text_without_an_answer_of_this_kind_is_unparsed(name):
    assert mark(name, CASES[name].no_answer).verdict == Verdict.UNPARSED


@pytest.mark.parametrize(
    "name", sorted(set(CASES) - {"prefix_match", "json_contract", "expected_words"})
)  # to which the beginning or all matters
def test_a_text_cut_off_counts_only_with_an_answer_that_is_marked_and_ended(name):
    assert mark(name, CASES[name].right + "and more", FinishReason.LENGTH).verdict == Verdict.CORRECT
    assert mark(name, "It may well be 1", FinishReason.LENGTH).verdict == Verdict.TRUNCATED
    assert mark(name, "The answer is 1", FinishReason.LENGTH).verdict == Verdict.TRUNCATED
    assert mark(name, "Answer: (B", FinishReason.LENGTH).verdict == Verdict.TRUNCATED


@pytest.mark.parametrize("name", CASES)
def test_a_failed_sample_is_failed(name):
    given = mark(name, "", FinishReason.FAILED)
    assert (given.verdict, given.score) == (Verdict.FAILED, None)


GARBAGE = st.one_of(
    st.text(st.characters(), max_size=200),
    st.lists(
        st.sampled_from(
            [
                "\\frac{",
                "}",
                "{",
                "1",
                "^",
                "_",
                "$",
                "Answer: ",
                "\\boxed{",
                "x",
                "=",
                "/",
                "0",
                "(",
                "]",
                "\0",
                "\ud800",
                "\\sqrt",
            ]
        )
    )
    .map("".join)
    .filter(lambda text: "^" not in text or len(text) < 20),
)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=GARBAGE, finish_reason=st.sampled_from([FinishReason.STOP, FinishReason.LENGTH]))
def test_garbage_is_judged_and_never_raises(name, text, finish_reason):
    given = mark(name, text, finish_reason)
    assert given.verdict in (Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSED, Verdict.TRUNCATED)
    assert (given.score is None) == (given.verdict in (Verdict.UNPARSED, Verdict.TRUNCATED))
    assert given.score is None or 0 <= given.score <= 1


@pytest.mark.parametrize("name", CASES)
def test_the_key_is_short_and_tells_options_apart(name):
    key = grader_key(build(name))
    assert key == f"{name}.v1"
    other = {"regex": {"take": "first"}, "expected_words": {"enough": 0.5}, "json_contract": {"comparison": "exact"}}.get(
        name, {"extraction": "whole"}
    )
    if type(build(name)).model_fields:
        changed = grader_key(graders.build(name, other))
        assert changed != key
        assert len(changed) <= 100


@pytest.mark.parametrize("name", CASES)
def test_every_option_is_titled_and_described(name):
    for option, about in graders.get(name).model_fields.items():
        assert about.title, option
        assert about.description, option
