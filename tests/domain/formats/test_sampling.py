"""Formats drawn from a grammar: valid, different, uniform, the original first, and the same again for the same seed."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import chisquare

from experiments.domain.formats.format import Format
from experiments.domain.formats.grammar import Grammar, Part
from experiments.domain.seeds import rng

grammars = st.builds(
    Grammar,
    fields=st.lists(
        st.builds(Part, descriptor=st.sampled_from(["Passage", "Question"]), slot=st.sampled_from(["passage", "question"])),
        min_size=1,
        max_size=3,
    ).map(tuple),
    enumerates=st.booleans(),
    most_options=st.integers(2, 26),
    options_label=st.sampled_from(["", "Options"]),
    option_word=st.sampled_from(["", "Choice"]),
    whitespace_only=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(grammar=grammars, n=st.integers(0, 60), seed=st.integers(0, 2**31))
def test_samples_are_valid_different_and_begin_with_the_original(grammar, n, seed):
    sampled = grammar.sampled(n, seed)
    assert sampled[0] == grammar.original
    assert len(set(sampled)) == len(sampled) == n + 1
    assert all(grammar.is_valid(format) and grammar.why_invalid(format) == "" for format in sampled)
    assert grammar.sampled(n, seed) == sampled
    fixed = set(Format.model_fields) - set(grammar.free_choices)
    assert all(getattr(format, name) == getattr(grammar.original, name) for format in sampled for name in fixed)


@settings(max_examples=40, deadline=None)
@given(grammar=grammars, seed=st.integers(0, 2**31))
def test_a_grammar_and_its_formats_come_back_from_json(grammar, seed):
    assert Grammar.model_validate_json(grammar.model_dump_json()) == grammar
    for format in grammar.sampled(5, seed):
        assert Format.model_validate_json(format.model_dump_json()) == format


def test_other_seeds_draw_other_formats():
    assert set(Grammar().sampled(30, 1)[1:]).isdisjoint(Grammar().sampled(30, 2)[1:])


@pytest.mark.parametrize("names", [("casing",), ("label_space",), ("item_wrapper",), ("item_number",), ("separator", "space")])
def test_every_valid_value_is_as_likely_as_any_other(names):
    """Constants that a rule joins are drawn uniformly together; the others alone."""
    grammar = Grammar()
    drawn = grammar.sampled(8000, seed=5)[1:]
    counts = Counter(tuple(getattr(format, name) for name in names) for format in drawn)
    n_values = {"casing": 4, "label_space": 15, "item_wrapper": 6, "item_number": 6, "separator": 160}[names[0]]
    assert len(counts) == n_values
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_a_nearly_exhausted_grammar_is_still_drawn_from_uniformly():
    grammar = Grammar(enumerates=False)
    assert len(set(grammar.sampled(630, seed=1))) == 631
    assert len(grammar.sampled(639, seed=1)) == len(grammar.sampled(5000, seed=1)) == 640


@settings(max_examples=60, deadline=None)
@given(grammar=grammars, seed=st.integers(0, 2**31))
def test_an_atomic_change_is_valid_and_changes_one_constant(grammar, seed):
    format = grammar.sampled(3, seed)[-1]
    changes = grammar.atomic_changes(format)
    assert set(changes) == set(grammar.free_choices)
    for name, others in changes.items():
        assert len(set(others)) == len(others)
        for other in others:
            assert grammar.is_valid(other)
            assert {key for key in Format.model_fields if getattr(other, key) != getattr(format, key)} == {name}


def test_a_change_is_drawn_from_all_that_are_possible_and_is_none_where_none_is():
    grammar = Grammar(enumerates=False)
    generator = rng("changes")
    drawn = {grammar.changed(grammar.original, "casing", generator).casing for _ in range(60)}
    assert drawn == {"Title Case", "UPPER CASE", "lower case"}
    stuck = Grammar(most_options=26, options_label="", original=Format(item_number="1")).atomic_changes(Format(item_number="1"))
    assert {other.item_number for other in stuck["item_number"]} == {"A", "a"}


def test_the_original_has_to_be_valid():
    with pytest.raises(ValidationError, match=r"original format is not valid\. A descriptor needs a separator"):
        Grammar(original=Format(separator=""))
    with pytest.raises(ValidationError, match="Its numbers do not go up to 13"):
        Grammar(most_options=13, original=Format(item_number="\u2160"))


def test_equal_generators_draw_equal_changes():
    first, second = np.random.default_rng(4), np.random.default_rng(4)
    formats = [Grammar().changed(Format(), "space", generator) for generator in (first, second)]
    assert formats[0] == formats[1] != Format()
