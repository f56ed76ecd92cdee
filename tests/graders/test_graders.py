"""Known traps of single graders; what all share is in test_contract."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import FinishReason, Message, Question, Target, Verdict
from experiments.graders.base import graders


def verdict(grader: str, text: str, *answers: str, choices: tuple[str, ...] = (), **params) -> Verdict:
    question = Question("q", (Message("user", "?"),), choices)
    return graders.build(grader, params).mark(text, FinishReason.STOP, question, Target(answers, choices)).verdict


CORRECT, WRONG, UNPARSED = Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSED


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("25", "5", WRONG),  # ends with it, yet is another number
        ("-5", "5", WRONG),
        ("5", "-5", WRONG),
        ("1,234", "1234", CORRECT),
        ("13.", "13", CORRECT),
        ("x = 13", "13", CORRECT),
        ("The answer is **13**.", "13", CORRECT),
        ("The answer is 13 apples", "13", WRONG),  # a unit is kept; the numeric grader reads past it
        ("First 12.\nThen 13", "13", WRONG),  # the last line is more than the answer
        ("First 12.\n13", "13", CORRECT),
        ("paris", "Paris", CORRECT),
    ],
)
def test_exact_compares_normal_forms(text, answer, expected):
    assert verdict("exact", text, answer) == expected


def test_exact_takes_any_of_several_answers_and_minds_case_if_told_to():
    assert verdict("exact", "UK", "United Kingdom", "UK") == CORRECT
    assert verdict("exact", "uk", "UK", case_sensitive=True) == WRONG


@pytest.mark.parametrize(
    ("extraction", "expected"),
    [("boxed", "1"), ("marker", "2"), ("last_number", "3"), ("last_line", "so 3"), ("whole", "\\boxed{1}\nAnswer: 2\nso 3")],
)
def test_the_answer_is_taken_from_where_the_option_says(extraction, expected):
    assert verdict("exact", "\\boxed{1}\nAnswer: 2\nso 3", expected, extraction=extraction) == CORRECT


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("25", "5", WRONG),
        ("-5", "5", WRONG),
        ("4 - 1 = 3", "3", CORRECT),
        ("It is 10-5", "5", CORRECT),
        ("1,234", "1234", CORRECT),
        ("13.", "13", CORRECT),
        ("The answer is 13 apples and 2 pears", "13", CORRECT),
        ("The answer is 5 + 8 = 13.", "13", CORRECT),
        ("The answer follows: 12, no, 13", "13", CORRECT),
        ("x = 0.5", "1/2", CORRECT),
        ("50%", "0.5", CORRECT),
        ("50%", "50", CORRECT),
        ("0.5", "50%", CORRECT),
        ("5%", "50%", WRONG),
        ("0.333333", "1/3", CORRECT),  # off by 1e-6 of the target, exactly at the border
        ("0.333332", "1/3", WRONG),
        ("none", "13", UNPARSED),
        ("0/0", "13", UNPARSED),
        ("9" * 1000, "13", UNPARSED),  # too long to compute with
        ("13", "thirteen", WRONG),
    ],
)
def test_numeric_compares_values(text, answer, expected):
    assert verdict("numeric", text, answer) == expected


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("101", {"absolute_tolerance": 1}, CORRECT),
        ("101.01", {"absolute_tolerance": 1}, WRONG),
        ("101", {"relative_tolerance": 0.01}, CORRECT),
        ("102", {"relative_tolerance": 0.01}, WRONG),
        ("100.00000001", {"relative_tolerance": 0}, WRONG),
    ],
)
def test_numeric_allows_either_tolerance(text, params, expected):
    assert verdict("numeric", text, "100", **params) == expected


def test_regex_takes_the_first_group_of_the_last_match():
    assert verdict("regex", "a=1 a=2", "2", pattern=r"a=(\d)") == CORRECT
    assert verdict("regex", "a=1 a=2", "1", pattern=r"a=(\d)", take="first") == CORRECT
    assert verdict("regex", "a=1 a=2", "a=2", pattern=r"a=\d") == CORRECT
    assert verdict("regex", "a=", "2", pattern=r"a=(\d?)") == UNPARSED


def test_a_pattern_that_does_not_compile_is_refused():
    with pytest.raises(InvalidInput, match=r"Pattern: is not a regular expression: missing \), unterminated subpattern"):
        graders.build("regex", {"pattern": "(a{2"})


def test_choices_are_compared_by_letter_and_by_words():
    choices = ("Rome", "Paris", "B")
    assert verdict("multiple_choice", "Paris", "Paris", choices=choices) == CORRECT
    assert verdict("multiple_choice", "(B)", "B", choices=("Rome", "Paris")) == CORRECT
    # A choice's own words win over a letter: the answer "B" is the third choice here.
    assert verdict("multiple_choice", "The answer is (C)", "B", choices=choices) == CORRECT


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        (r"\boxed{\frac{1}{2}}", "0.5", CORRECT),
        (r"\boxed{2\sqrt{2}}", r"\sqrt{8}", CORRECT),
        (r"\boxed{x^2+2x+1}", "(x+1)^2", CORRECT),
        (r"The answer is $(1,2]$.", "(1, 2]", CORRECT),
        (r"\boxed{(1,2)}", "[1,2]", WRONG),
        (r"\boxed{\{2,1\}}", r"\{1,2\}", CORRECT),
        (r"\boxed{25\%}", "25%", CORRECT),
        ("x = 13", "13", CORRECT),
        ("1,234", "1234", CORRECT),
        ("25", "5", WRONG),
        ("-5", "5", WRONG),
        (r"\boxed{dog}", "god", WRONG),  # not a product of variables
        (r"\boxed{\text{Yes}}", "yes", CORRECT),
    ],
)
def test_maths_compares_what_is_meant(text, answer, expected):
    assert verdict("maths", text, answer) == expected


def test_equal_expressions_vote_together():
    def form(text: str) -> str:
        question = Question("q", (Message("user", "?"),))
        return graders.build("maths").extract(text, question).canonical

    assert form(r"\boxed{x^2+2x+1}") == form(r"\boxed{(x+1)^2}")
    assert form(r"\boxed{\frac{2}{4}}") == form("Answer: 0.5")
    assert form(r"\boxed{\sqrt{8}}") == form(r"\boxed{2\sqrt{2}}")
