"""Texts that no database takes are written out, and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.storable import restored, restored_json, storable, storable_json

ANY_TEXT = st.text(st.one_of(st.characters(codec=None), st.sampled_from("\0\ud800\udfff\ufdd0")))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@given(ANY_TEXT)
def test_a_text_comes_back_and_is_utf_8_without_nul_meanwhile(text):
    stored = storable(text)
    assert b"\0" not in stored.encode()
    assert restored(stored) == text


@given(ANY_JSON)
def test_json_comes_back(value):
    assert restored_json(storable_json(value)) == value


@pytest.mark.parametrize("text", ["", "plain", "é 😀 \ufffd \uf8ff", "\\u0000", "\x01\x1f"])
def test_what_every_database_takes_stays_as_it_is(text):
    assert storable(text) == text


def test_the_form_is_a_mark_and_four_digits():
    assert storable("a\0b\ud83dc\ufdd0") == "a\ufdd00000b\ufdd0d83dc\ufdd0fdd0"


def test_a_mark_that_nobody_wrote_out_is_left_alone():
    assert restored("\ufdd0") == "\ufdd0"
    assert restored("\ufdd0zzzz") == "\ufdd0zzzz"
