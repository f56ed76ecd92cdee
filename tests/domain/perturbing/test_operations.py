"""What every perturbation keeps, and what each one does."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.domain.perturbing.characters import NEIGHBOURS
from experiments.domain.perturbing.operations import Name, label, level, operation, perturbed
from experiments.domain.perturbing.protection import open_words, protected_spans
from experiments.domain.perturbing.sentences import sentences

NAMES = get_args(Name)
PIECES = (
    "There are 12 apples in the very large basket. ",
    "It is not true that they bought 3.5 kg of flour! ",
    "He said “leave the old house” and went their way. ",
    "The answer is (B), isn't it? ",
    "Then `x = the 1` is run on the road\n",
    "```\nfor the_many in of:\n    pass\n``` ",
    "See https://example.org/the/page for $a + the$ and \\frac{1}{2}. ",
    "A. the small café\n",
    "B. none of these\n",
    "Seven children would have found twenty years enough. ",
    "Nobody knew whether to buy a ship, never mind the road. ",
    "Please calculate the total: 7 + 5 = ",
)
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=200))
rates = st.sampled_from([0.05, 0.1, 0.2, 0.4, 1.0])
seeds = st.integers(0, 2**32)
# Of those that move stretches about, or are allowed to touch numbers, other promises are kept.
KEEPING = [name for name in NAMES if name not in ("reorder", "spoken_number")]


# Look-alikes write digits inside of words, which is their point.
ADDING = ("verbose", "irrelevant_before", "irrelevant_after")
fewer = settings(max_examples=40, deadline=None)


def protected(text: str) -> list[str]:
    return [text[start:end] for start, end in protected_spans(text)]


@pytest.mark.parametrize("name", KEEPING)
@fewer
@given(text=texts, rate=rates, seed=seeds)
def test_what_is_protected_stays_to_the_letter_and_in_its_order(name, text, rate, seed):
    rest = operation(name).perturb(text, rate, seed).text
    for stretch in protected(text):
        assert stretch in rest
        rest = rest[rest.index(stretch) + len(stretch) :]


@pytest.mark.parametrize("name", sorted(set(KEEPING) - {"look_alike", *ADDING}))
@fewer
@given(text=st.lists(st.sampled_from(PIECES), max_size=6).map("".join), rate=rates, seed=seeds)
def test_no_number_negation_or_code_comes_in(name, text, rate, seed):
    made = operation(name).perturb(text, rate, seed)
    assert protected(made.text) == protected(text)


@fewer
@given(text=st.lists(st.sampled_from(PIECES), max_size=6).map("".join), rate=rates, seed=seeds)
def test_reordering_keeps_every_sentence_and_the_last_one_last(text, rate, seed):
    made = operation("reorder").perturb(text, rate, seed).text
    assert sorted(protected(made)) == sorted(protected(text))
    assert sorted(made.split()) == sorted(text.split())
    if spans := sentences(text):
        assert made.endswith(text[spans[-1][0] :])


@pytest.mark.parametrize("name", NAMES)
@fewer
@given(text=texts, rate=rates, seed=seeds)
def test_the_same_seed_gives_the_same_text_and_edits_tell_what_changed(name, text, rate, seed):
    made = operation(name).perturb(text, rate, seed)
    assert operation(name).perturb(text, rate, seed) == made
    assert bool(made.edits) == (made.text != text)
    for edit in made.edits:
        assert edit.operation == name
        assert edit.before in text
        assert edit.after in made.text


@pytest.mark.parametrize("name", NAMES)
@fewer
@given(text=texts, seed=seeds)
def test_rate_zero_changes_nothing(name, text, seed):
    assert operation(name).perturb(text, 0.0, seed) == (text, ())


@pytest.mark.parametrize("name", [name for name in NAMES if level(name) != "sentence" and name != "spoken_number"])
@fewer
@given(text=texts, rate=rates, seed=seeds)
def test_at_most_the_share_of_words_changes_and_at_least_one_may(name, text, rate, seed):
    made = operation(name).perturb(text, rate, seed)
    assert len(made.edits) <= max(1, round(rate * len(open_words(text))))


def test_the_share_is_that_of_the_open_words():
    text = " ".join(f"{word}word" for word in "abcdefghijklmnopqrst")
    assert [len(operation("swap").perturb(text, rate, 3).edits) for rate in (0.05, 0.1, 0.2, 0.4)] == [1, 2, 4, 8]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("homophone", "Their", "There They're"),
        ("synonym", "automobiles and a car", "automobiles and a automobile"),
        ("drop_stop_word", "open the gate", "open gate"),
        ("duplicate", "gate", "gate gate"),
        ("split_or_join", "at home", "athome"),
        ("contraction", "What is it", "What's it"),
        ("contraction", "It is not", "It's not"),
        ("spoken_number", "1912 apples, 40 pears and 3.5 km on 12/05", "nineteen hundred"),
        ("look_alike", "mmm", "rnmm mrnm mmrn"),
        ("drop_diacritics", "café", "cafe"),
        ("simplify", "Which of the apples is in the basket?", "Which apples basket?"),
        ("reorder", "One came. Two left. Who is there?", "Two left. One came. Who is there?"),
        ("register", "the children", "the kids"),
        ("simplify", "not of 3 kg", "not 3 kg"),
    ],
)
def test_what_each_one_does(name, before, after):
    made = operation(name).perturb(before, 1.0, 0).text
    if name == "spoken_number":
        assert made == "one thousand nine hundred and twelve apples, forty pears and 3.5 km on 12/05"
    elif name in ("homophone", "look_alike"):
        assert made in after.split()
    else:
        assert made == after


def test_a_neighbour_on_the_keyboard_is_one_both_ways():
    assert all(key in NEIGHBOURS[near] for key, found in NEIGHBOURS.items() for near in found)
    assert set(NEIGHBOURS["g"]) == set("ftyhvb")


def test_a_mix_goes_from_sentences_to_words_to_characters_and_tells_all_edits():
    made = perturbed("Please tell me the name of the largest of the many cities there.", ["swap", "homophone", "verbose"], 0.2, 5)
    assert list(dict.fromkeys(edit.operation for edit in made.edits)) == ["verbose", "homophone", "swap"]
    assert perturbed("The whole story.", [], 0.4, 1) == ("The whole story.", ())


def test_every_operation_has_a_level_and_a_name_to_read():
    assert {level(name) for name in NAMES} == {"sentence", "word", "character"}
    assert label("drop_stop_word") == "drop stop word"
