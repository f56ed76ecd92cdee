"""An answer that begins with the right label, by the paper's exact prefix matching."""

import pytest

from experiments.domain.types import FinishReason, Message, Question, Target, Verdict
from experiments.graders.base import graders

CHOICES = ("red", "green", "dark green")


def mark(text, labels=("A", "B", "C"), choices=CHOICES, answers=("green",), finish_reason=FinishReason.STOP):
    question = Question("q", (Message("user", "?"),), choices, labels=labels)
    return graders.build("prefix_match").mark(text, finish_reason, question, Target(answers, choices))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("B", Verdict.CORRECT),
        ("b", Verdict.CORRECT),
        (" (B) green", Verdict.CORRECT),
        ("\n-> B, of course", Verdict.CORRECT),
        ("B:", Verdict.CORRECT),
        ("Ba", Verdict.UNPARSED),
        ("B2", Verdict.UNPARSED),
        ("A", Verdict.WRONG),
        ("C. dark green", Verdict.WRONG),
        ("green", Verdict.UNPARSED),
        ("The answer is B", Verdict.UNPARSED),
        ("[B]", Verdict.UNPARSED),
    ],
)
def test_the_label_must_stand_first_with_no_letter_or_digit_after_it(text, verdict):
    given = mark(text)
    assert given.verdict == verdict
    assert given.details == ({"kind": "other"} if verdict == Verdict.UNPARSED else {})


@pytest.mark.parametrize(
    ("labels", "text", "verdict"),
    [
        (("1", "2", "3"), "2)", Verdict.CORRECT),
        (("1", "2", "3"), "22", Verdict.UNPARSED),
        (("i", "ii", "iii"), "II.", Verdict.CORRECT),
        (("i", "ii", "iii"), "iii", Verdict.WRONG),
        (("\u2160", "\u2161", "\u2162"), "\u2161", Verdict.CORRECT),
        (CHOICES, "Green it is", Verdict.CORRECT),
        (CHOICES, "greenish", Verdict.UNPARSED),
        (CHOICES, "Dark green", Verdict.WRONG),
        ((), "B", Verdict.CORRECT),
    ],
)
def test_labels_are_those_of_the_wording(labels, text, verdict):
    assert mark(text, labels).verdict == verdict


def test_what_was_taken_is_the_text_itself():
    assert mark("\n-> (b) or so").extracted == "b"
    assert mark("Green.", CHOICES).extracted == "Green"
    assert mark(" Paris, France\nand more", (), (), ("Paris",)).extracted == "Paris, France"


def test_of_two_labels_that_fit_the_longer_is_meant():
    given = mark("Dark green, I think", ("dark", "green", "dark green"), ("x", "y", "z"), ("z",))
    assert (given.verdict, given.canonical) == (Verdict.CORRECT, "C")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Paris", Verdict.CORRECT),
        ("paris, France", Verdict.CORRECT),
        ("Parisian", Verdict.WRONG),
        ("It is Paris", Verdict.WRONG),
        ("lutetia\nand more", Verdict.CORRECT),
        (" ...\n", Verdict.UNPARSED),
    ],
)
def test_short_answers_without_choices(text, verdict):
    assert mark(text, (), (), ("Paris", "Lutetia")).verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("B) gre", Verdict.CORRECT),
        ("A the", Verdict.WRONG),
        ("The best answer", Verdict.UNPARSED),
        ("B", Verdict.TRUNCATED),
        ("(", Verdict.TRUNCATED),
        ("", Verdict.TRUNCATED),
    ],
)
def test_what_a_text_that_was_cut_off_began_with_counts_once_it_is_decided(text, verdict):
    assert mark(text, finish_reason=FinishReason.LENGTH).verdict == verdict


def test_a_longer_target_may_still_come_after_the_cut():
    assert mark("New", (), (), ("New York",), FinishReason.LENGTH).verdict == Verdict.TRUNCATED
    assert mark("Newton and", (), (), ("New York",), FinishReason.LENGTH).verdict == Verdict.WRONG
