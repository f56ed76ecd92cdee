"""Bytes become text that may be shown: whole characters only, and nothing of a stop string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.inference.llama_cpp.text import TextWriter

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_character_split_over_tokens_appears_whole(size):
    content = f"a {FAMILY} ü".encode()
    writer = TextWriter()
    released = [writer.write(content[i : i + size]) for i in range(0, len(content), size)]
    assert "".join(released) == writer.text == f"a {FAMILY} ü"
    assert not any("�" in text for text in released)


def test_bytes_that_are_no_text_are_replaced_and_half_a_character_at_the_end_too():
    writer = TextWriter()
    assert writer.write(b"ok \xff!") == "ok �!"
    assert writer.write("é".encode()[:1]) == ""
    assert writer.finish() == "�"


@given(text=st.text("ab\n", max_size=40), stop=st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3), cuts=st.data())
def test_whatever_the_token_borders_the_text_ends_before_the_first_stop_string(text, stop, cuts):
    writer = TextWriter(tuple(stop))
    position, shown = 0, ""
    while position < len(text) and not writer.stopped:
        length = cuts.draw(st.integers(1, 5))
        shown += writer.write(text[position : position + length].encode())
        position += length
    read = text[:position]
    ends = [read.index(each) for each in stop if each in read]
    assert writer.stopped == bool(ends)
    if ends:
        assert writer.stop_string in stop
        assert read.startswith(writer.stop_string, min(ends))
    assert shown + writer.finish() == writer.text == read[: min(ends, default=len(read))]
