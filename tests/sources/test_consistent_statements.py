"""Pairs of statements are balanced, and right by what they say."""

import re
from collections import Counter

import pytest

from experiments.domain.errors import InvalidInput
from experiments.sources.base import sources
from experiments.sources.consistent_statements import CONSISTENT


def made(**options):
    return list(sources.build("consistent_statements", options).problems())


def parts(statement):
    """(condition, consequence without its "not", whether it is denied), by the words alone."""
    statement = statement.rstrip(".").lower()
    first = re.fullmatch(r"if (.+), then (.+)", statement)
    condition, consequence = first.groups() if first else reversed(re.fullmatch(r"(.+) if (.+)", statement).groups())
    plain = re.sub(r"does not (\w+)", r"\1s", consequence).replace(" not ", " ")
    return condition, plain, " not " in consequence


def test_the_answer_follows_from_the_words():
    for draft in made(pairs=400):
        (one, first, is_denied), (other, second, is_other_denied) = map(parts, draft.question.split("\n\n")[1].splitlines())
        do_contradict = one == other and first == second and is_denied != is_other_denied
        assert draft.answers == ("No" if do_contradict else "Yes",), draft.question
        assert any(f"one day {condition}. can" in draft.question.lower() for condition in (one, other))


def test_half_are_yes_and_every_kind_is_there():
    drafts = made(pairs=300)
    assert len({draft.key for draft in drafts}) == 300
    assert Counter(draft.answers for draft in drafts) == {("Yes",): 150, ("No",): 150}
    kinds = Counter(draft.metadata["kind"] for draft in drafts)
    assert kinds["opposite"] == 150
    assert all(kinds[kind] > 30 for kind in CONSISTENT)


def test_neither_place_nor_order_gives_the_answer_away():
    drafts = made(pairs=1000)
    firsts = sum(draft.answers == ("Yes",) for draft in drafts[::2])
    assert 200 < firsts < 300
    begins = Counter((draft.answers, draft.question.split("\n\n")[1].startswith("If ")) for draft in drafts)
    assert all(200 < n < 300 for n in begins.values())


def test_the_same_seed_gives_the_same_pairs_and_more_pairs_keep_the_first():
    assert made(pairs=10, seed=1) == made(pairs=20, seed=1)[:10] != made(pairs=10, seed=2)


def test_an_odd_number_is_refused():
    with pytest.raises(InvalidInput, match="must be even"):
        made(pairs=3)
