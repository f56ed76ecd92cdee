"""Word-by-word changes between two wordings."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.wording import Change, phrase_changes, word_changes


def test_a_replaced_word_is_removed_and_added_and_the_rest_stays():
    assert word_changes("Add the numbers.", "Add two numbers.") == [
        Change("same", "Add "),
        Change("removed", "the"),
        Change("added", "two"),
        Change("same", " numbers."),
    ]


@pytest.mark.parametrize(("before", "after"), [("", "new"), ("old", ""), ("", ""), ("same text", "same text")])
def test_edges(before, after):
    kinds = [change.kind for change in word_changes(before, after)]
    assert kinds == (["same"] if before == after else ["added"] if after else ["removed"])[: len(before + after)]


def test_long_texts_are_compared_in_time():
    """Four thousand equal words against four thousand others would take difflib a minute, word by word."""
    before, after = "the cat sat\n" * 4000, "a dog sat\n" * 4000
    started = time.monotonic()
    changes = word_changes(before, after)
    assert time.monotonic() - started < 5
    assert [change.kind for change in changes] == ["removed", "added", "same"]
    assert word_changes(f"{before}x\n{before}", f"{before}y\n{before}")[1:3] == [Change("removed", "x"), Change("added", "y")]


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_changes_spell_both_texts(before, after):
    changes = word_changes(before, after)
    assert "".join(change.text for change in changes if change.kind != "added") == before
    assert "".join(change.text for change in changes if change.kind != "removed") == after


def test_words_that_changed_side_by_side_change_as_one_phrase():
    assert phrase_changes("It is three of them.\nYes.", "It is not four of them.\nNo.") == [
        Change("same", "It is "),
        Change("removed", "three"),
        Change("added", "not four"),
        Change("same", " of them.\n"),
        Change("removed", "Yes"),
        Change("added", "No"),
        Change("same", "."),
    ]
    assert phrase_changes("Let me look", "First I count") == [Change("removed", "Let me look"), Change("added", "First I count")]


@given(st.text(alphabet="ab \n", max_size=40), st.text(alphabet="ab \n", max_size=40))
def test_phrases_spell_both_texts_too(before, after):
    changes = phrase_changes(before, after)
    assert "".join(change.text for change in changes if change.kind != "added") == before
    assert "".join(change.text for change in changes if change.kind != "removed") == after
