"""Repair with hints: what the critic is told, what the solver hears, and who stops it."""

import pytest

from experiments.models import Sample
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, texts

pytestmark = pytest.mark.django_db(transaction=True)

NINE, THREE, HINT = "The answer is 9.", "The answer is 3.", "Check the carry."


def model(hint: str = HINT, heard: str = HINT, **script):
    """Wrong at first, right once it has heard the hint."""
    rules = {"every attempt so far is INCORRECT": [hint], "nobody knows yet": [hint], heard: [THREE]}
    return make_language_model(answers=[NINE], rules=rules, **script)


def test_the_oracle_repairs_until_the_answer_is_right():
    attempt = attempt_of("repair_oracle", {"depth": 4}, language_model=model())
    told = list(attempt.samples.order_by("index").values_list("purpose", "text", "parent__index"))
    assert told == [("answer", NINE, None), ("feedback", HINT, 0), ("answer", THREE, 1)]
    assert attempt.trace["chains"] == [{"answers": [0, 2], "cues": ["hint"], "said": [""], "stopped": "right, said the oracle"}]
    assert (attempt.n_samples, attempt.chosen.index) == (2, 2)


def test_without_hints_it_is_told_only_that_the_answer_is_incorrect():
    attempt = attempt_of("repair_oracle", {"hints": False}, language_model=model(heard="the last one is incorrect"))
    assert texts(attempt) == [NINE, THREE]
    assert texts(attempt, Sample.Purpose.FEEDBACK) == []
    assert attempt.trace["chains"][0]["cues"] == ["incorrect"]


def test_without_an_oracle_it_goes_on_after_a_right_answer():
    attempt = attempt_of("repair", {"depth": 4, "keeps": "last"}, language_model=model())
    assert texts(attempt) == [NINE, THREE, THREE, THREE]
    assert texts(attempt, Sample.Purpose.FEEDBACK) == [HINT] * 3
    assert attempt.trace["kept"] == "1 of 1 votes"
    assert attempt.chosen.index == attempt.trace["chains"][0]["answers"][-1]


def test_a_critic_that_says_nothing_is_told_so_and_counted():
    attempt = attempt_of("repair", {"depth": 2}, language_model=model(hint=" ", heard="(none this time)"))
    assert attempt.trace["chains"][0]["cues"] == ["no hint"]
    assert texts(attempt) == [NINE, THREE]


def test_chains_know_nothing_of_each_other_and_are_all_counted():
    attempt = attempt_of("repair", {"depth": 3, "chains": 4}, language_model=model())
    chains = attempt.trace["chains"]
    assert [len(chain["answers"]) for chain in chains] == [3] * 4
    assert len({place for chain in chains for place in chain["answers"]}) == attempt.n_samples == 12
    assert attempt.trace["kept"] == "8 of 12 votes"


def test_no_round_is_begun_when_the_budget_is_spent():
    # Answers and hints have 4 and 3 tokens: after two answers and one hint 11 are spent.
    attempt = attempt_of("repair", {"depth": 6, "token_budget": 11}, language_model=model())
    assert attempt.trace["tokens"] == 11
    assert texts(attempt) == [NINE, THREE]
    assert attempt.trace["chains"][0]["stopped"] == "token budget spent"
