"""How many formats a task has, and which: against a brute force that knows the paper's rules by itself."""

import itertools

import pytest

from experiments.domain.formats.constants import (
    CASINGS,
    ITEM_NUMBERS,
    ITEM_WRAPPERS,
    LISTED_SPACES,
    OPTION_SEPARATORS,
    SEPARATORS,
)
from experiments.domain.formats.format import Format
from experiments.domain.formats.grammar import Grammar

_SPACES = set(LISTED_SPACES)


def _plain(space_is_fine=lambda space: True) -> int:
    """Fields alone: rules 1, 3 and 4 over every separator, space and casing."""
    return sum(
        separator != "" and space != "" and ("\n" not in separator or "\n" in space) and space_is_fine(space)
        for separator, space, _ in itertools.product(SEPARATORS, _SPACES, CASINGS)
    )


def _items(option_separators, casings, n_options=4, space_is_fine=lambda space: True) -> int:
    """An enumeration alone: rules 2 and 4 over all that belongs to it."""
    longest = {"\u2160": 12, "i": 15, "I": 15, "A": 26, "a": 26}
    return sum(
        space != ""
        and ("\n" not in separator + between or "\n" in space)
        and longest.get(number, 100) >= n_options
        and space_is_fine(space)
        for separator, space, between, _, _, number in itertools.product(
            SEPARATORS, _SPACES, option_separators, casings, ITEM_WRAPPERS, ITEM_NUMBERS
        )
    )


def test_the_tables_have_the_papers_sizes():
    tables = (SEPARATORS, LISTED_SPACES, OPTION_SEPARATORS, CASINGS, ITEM_WRAPPERS, ITEM_NUMBERS)
    assert [len(table) for table in tables] == [15, 16, 4, 4, 6, 6]
    assert [len(set(table)) for table in tables] == [15, 15, 4, 4, 6, 6]


def test_plain_fields():
    assert Grammar(enumerates=False).n_formats() == _plain() == 640


@pytest.mark.parametrize("n_options", [4, 12, 13, 15, 16, 26])
def test_an_enumeration_whose_numbers_may_run_out(n_options):
    grammar = Grammar(options_label="", most_options=n_options)
    assert grammar.n_formats() == _plain() * _items([""], ["as written"], n_options)


def test_the_label_without_text_may_stand_right_before_its_list():
    assert Grammar().n_formats() == _plain() * _items([""], ["as written"]) * len(_SPACES) == 60_134_400


def test_an_option_word_has_a_separator_and_a_casing_of_its_own():
    grammar = Grammar(option_word="Choice")
    assert grammar.n_formats() == _plain() * _items(OPTION_SEPARATORS, CASINGS) * len(_SPACES) == 962_150_400


def test_spaces_restricted_to_whitespace():
    def is_blank(space):
        return space.strip() == ""

    n_blank = sum(map(is_blank, _SPACES))
    grammar = Grammar(whitespace_only=True)
    assert grammar.n_formats() == _plain(is_blank) * _items([""], ["as written"], 4, is_blank) * n_blank


def test_all_formats_of_a_small_task_are_the_valid_ones_of_the_whole_product():
    grammar = Grammar(enumerates=False)
    everything = [
        Format(separator=separator, space=space, casing=casing)
        for separator, space, casing in itertools.product(SEPARATORS, _SPACES, CASINGS)
    ]
    valid = [format for format in everything if grammar.is_valid(format)]
    sampled = grammar.sampled(10_000, seed=0)
    assert len(sampled) == len(set(sampled)) == 640
    assert set(sampled) == set(valid)
    assert sampled[0] == grammar.original
