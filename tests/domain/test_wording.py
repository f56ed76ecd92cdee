"""Word-by-word changes between two wordings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.wording import Change, word_changes


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


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_changes_spell_both_texts(before, after):
    changes = word_changes(before, after)
    assert "".join(change.text for change in changes if change.kind != "added") == before
    assert "".join(change.text for change in changes if change.kind != "removed") == after
