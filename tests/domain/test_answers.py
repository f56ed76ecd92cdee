import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.answers import (
    after_marker,
    choice_letter,
    cluster,
    last_boxed,
    last_line,
    last_number,
    marked,
    tagged,
    visible,
    whole,
)


def taken(found):
    return found and found.text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<think>1 or 2?</think>2", "2"),
        ("the prompt held the opening tag</think>2", "2"),
        ("<think>never ends, Answer: 3", ""),
        ("a<think>b</think>c<think>d</think>e", "ae"),
        ("a<think>b</think>c<think>d", "ac"),
        ("no tags", "no tags"),
    ],
)
def test_reasoning_is_not_part_of_the_answer(text, rest):
    assert visible(text) == rest


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"so \boxed{13}.", "13"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"first \boxed{1}, then \boxed{2}", "2"),
        (r"\boxed{1} and a box that was cut \boxed{\frac{1}{", "1"),
        (r"\boxed{\boxed{5}}", r"\boxed{5}"),
        (r"a stray { and \boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\fbox{7}", "7"),
        (r"a \\\boxed{8}", "8"),
        (r"\boxed{}", None),
        ("none", None),
    ],
)
def test_the_last_closed_box_is_taken_whole(text, answer):
    assert taken(last_boxed(text)) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: 13", "13"),
        ("**Answer:** 13", "13"),
        ("**Final Answer**: 13\nDone.", "13"),
        ("The answer is 13 apples. I checked it.", "13 apples"),
        ("the answer is: 13.5", "13.5"),
        ("2 + 2 = 4\n#### 1,234", "1,234"),
        ("#### -5", "-5"),
        ("The final answer to this arithmetic problem is 6.", "6."),
        ("A final answer would be 1 + 5 = 6.", "1 + 5 = 6."),
        ("The answer **is** **6**", "**6**"),
        ("An answer to the riddle. It is 6", None),
        ("Answer:\n\n  13\nmore", "13"),
        ("Answer: 12. No wait. Answer: 13", "13"),
        ("The answer is 13\nAnswer:", "13"),
        ("The answer is Dr. Smith. He came first.", "Dr. Smith"),
        ("#### 2. Result\nnothing", None),
        ("answers are hard", None),
    ],
)
def test_the_answer_follows_the_last_marker_that_is_followed_by_anything(text, answer):
    assert taken(after_marker(text)) == answer


def test_a_marker_of_ones_own_is_literal_and_ignores_case():
    assert taken(after_marker("Answer: 1\nRESULT (a+b): 2", "result (a+b):")) == "2"
    assert after_marker("Answer: 1", "result:") is None


def test_an_answer_at_the_very_end_of_the_text_may_be_cut():
    assert not after_marker("The answer is 1").complete
    assert after_marker("The answer is 13\n").complete
    assert after_marker("The answer is 13. So").complete
    assert last_boxed(r"\boxed{13}").complete


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("25 ends with 5", "5"),
        ("it is 25", "25"),
        ("it is -5", "-5"),
        ("it is \u22125", "\u22125"),
        ("x = - 5", "- 5"),
        ("10-5", "5"),
        ("(3)-2", "2"),
        ("8 - 5 makes", "5"),
        ("costs $1,234.", "1,234"),
        ("1,2,3", "3"),
        ("1/2", "1/2"),
        (r"is \frac{3}{4}", r"\frac{3}{4}"),
        ("about 50%", "50%"),
        ("13.", "13"),
        ("no number", None),
    ],
)
def test_the_last_number_comes_with_its_sign_but_without_a_minus_that_subtracts(text, answer):
    assert taken(last_number(text)) == answer


CHOICES = ("Rome", "Paris", "A dog", "Oslo")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("(b)", "B"),
        ("B) Paris", "B"),
        ("**B**: Paris", "B"),
        ("Paris", "B"),
        ("The answer is Paris.", "B"),
        ("The answer is (C), not D.", "C"),
        ("The correct option is C: a dog", "C"),
        (r"so \boxed{\text{D}}", "D"),
        ("I thought of (A), but it is (B)", "B"),
        ("After some thought:\nD.", "D"),
        ("A train leaves the station", None),
        ("I do not know", None),
        ("E", None),
        ("B or C", None),
    ],
)
def test_a_choice_is_named_by_its_letter_or_in_its_own_words(text, letter):
    assert taken(choice_letter(text, CHOICES)) == letter


def test_the_surest_mark_wins():
    assert taken(marked(r"Answer: 1 \boxed{2} <answer>3</answer>")) == "3"
    assert taken(marked(r"\boxed{2} Answer: 1")) == "2"
    assert taken(tagged("<answer>1</answer> <answer>\n1 2\n3 4\n</answer>")) == "1 2\n3 4"
    assert tagged("<answer>1") is None


def test_the_whole_text_and_its_last_line_are_marked_by_nothing():
    assert taken(whole(" a\nb \n")) == "a\nb"
    assert taken(last_line(" a\nb \n\n")) == "b"
    assert not whole("a").explicit
    assert not last_line("a").explicit
    assert whole(" \n") is None
    assert last_line("\n") is None


def test_equal_answers_get_equal_numbers_and_no_answer_gets_minus_one():
    assert cluster(["13", None, "12", "13", None]) == [0, -1, 1, 0, -1]


FINDERS = (visible, tagged, last_boxed, after_marker, last_number, choice_letter, last_line, whole)
PIECES = (
    *(
        "(",
        "\\boxed{",
        "answer is ",
        "answer of ",
        "answer\n\n\n",
        "1,",
        "1,111",
        "####",
        "#### 1. ",
        "-",
        ".",
        ". ",
        " ",
        "$",
        "a. B",
        "<think>",
    ),
    *("</think>", "<answer>", "1 ", "{", "1/", "1e", "\\frac{1", "9", "a", "[A", "\\text{", "*", "\\", "=", "%"),
)


@pytest.mark.parametrize("finder", FINDERS)
def test_no_repetition_of_100_000_characters_slows_a_finder_down(finder):
    for piece in PIECES:
        text = piece * (100_000 // len(piece))
        started = time.perf_counter()
        finder(text)
        # The slowest takes 0.1 s; one quadratic pattern takes minutes.
        assert time.perf_counter() - started < 2, piece


@given(st.lists(st.sampled_from((*PIECES, "13", "Paris", "\n", "}", "B)", "</answer>"))).map("".join))
def test_what_is_found_stands_in_the_text(text):
    for finder in (last_boxed, after_marker, last_number, last_line, whole, tagged):
        found = finder(text)
        assert found is None or (found.text and found.text in text)
