"""Grammars are what they say, and letters alone do not give them away."""

import random
from collections import Counter

import pytest

from experiments.domain.errors import InvalidInput, SourceError
from experiments.sources.artificial_grammar import MOST_BY_LETTERS
from experiments.sources.automata import Automaton, bag_of_letters_accuracy, corrupted, random_automaton
from experiments.sources.base import sources

#: a, then any number of b, then c.
ABC = Automaton({0: {"a": 1}, 1: {"b": 1, "c": 2}, 2: {}}, frozenset({2}))


def made(**options):
    return list(sources.build("artificial_grammar", options).problems())


def test_an_automaton_lists_just_the_strings_it_accepts():
    assert ABC.strings(2, 4) == ["ac", "abc", "abbc"]
    assert [ABC.accepts(text) for text in ("abc", "ab", "bc", "abca")] == [True, False, False, False]
    grammar = random_automaton("pqrst", random.Random(1))
    assert all(grammar.accepts(text) and 2 <= len(text) <= 6 for text in grammar.strings(2, 6))


def test_a_corrupted_string_keeps_its_letters_where_a_swap_breaks_it():
    wrong = corrupted("abbc", "abc", ABC, random.Random(2))
    assert Counter(wrong) == Counter("abbc")
    assert not ABC.accepts(wrong)


def test_where_no_swap_breaks_the_grammar_a_letter_is_replaced():
    twos = Automaton({0: {"a": 1}, 1: {"a": 2}, 2: {"b": 2}}, frozenset({2}))
    wrong = corrupted("aa", "ab", twos, random.Random(3))
    assert not twos.accepts(wrong)
    assert len(wrong) == 2


def test_a_bag_of_letters_is_held_against_the_best_threshold():
    assert bag_of_letters_accuracy(["aaa"], ["aa", "ab"], ["bb", "bc"]) == 1
    assert bag_of_letters_accuracy(["ab"], ["ab", "ba"], ["ba", "ab"]) == 0.5
    assert bag_of_letters_accuracy(["ab"], ["aa", "ab", "cc"], ["cc"]) == pytest.approx(3 / 4)


def test_problems_are_balanced_clustered_and_not_given_away_by_letters():
    drafts = made(grammars=6, per_grammar=6, seed=4)
    assert len({draft.key for draft in drafts}) == 36
    for number in range(1, 7):
        own = [draft for draft in drafts if draft.metadata["cluster"] == f"grammar{number:03}"]
        assert Counter(draft.answers for draft in own) == {("Yes",): 3, ("No",): 3}
        examples = {tuple(draft.question.split("\n\n")[1].split()) for draft in own}
        assert len(examples) == 1
        (shown,) = examples
        assert len(set(shown)) == 16
        assert not set(shown) & {draft.metadata["string"] for draft in own}
        assert own[0].metadata["by_letters"] <= MOST_BY_LETTERS


def test_the_same_seed_gives_the_same_problems_and_another_one_others():
    assert made(grammars=2, seed=1) == made(grammars=2, seed=1) != made(grammars=2, seed=2)


def test_the_first_grammars_do_not_depend_on_how_many_follow():
    assert made(grammars=3)[:4] == made(grammars=1)


def test_what_cannot_be_made_is_refused_with_a_reason():
    with pytest.raises(InvalidInput, match="must be even"):
        made(per_grammar=3)
    with pytest.raises(SourceError, match="longer strings"):
        made(longest=3, examples=50)
