"""Best of N and self-consistency: a pool and the answer that is handed in of it."""

import pytest

from experiments.domain.types import Purpose
from tests.strategies.desk import DeskLab, build, pseudo_score, solve

ANSWERS = {"answers": ["The answer is 7.", "I say: the answer is 7.", "The answer is 6.", "No idea."]}


async def test_the_highest_score_is_handed_in():
    lab = DeskLab(ANSWERS, lambda text: -len(text))
    outcome = await solve("best_of_n", lab, n=12)
    assert outcome.chosen.text == "No idea."
    assert len(lab.handed_in) == outcome.trace["answers"] == 12


async def test_a_weighted_vote_hands_in_the_best_text_of_the_answer_with_the_largest_weight():
    lab = DeskLab(ANSWERS)
    outcome = await solve("best_of_n", lab, n=12, choice="weighted_vote")
    assert outcome.chosen.text == "I say: the answer is 7."


async def test_a_chooser_names_an_answer_by_its_number():
    script = {**ANSWERS, "rules": {"Answer 1:": ["The best one is number 2."]}}
    lab = DeskLab(script)
    outcome = await solve("best_of_n", lab, n=12, choice="chooser")
    texts = list(dict.fromkeys(sample.text for sample in lab.drawn_as(Purpose.ANSWER)))
    assert outcome.chosen.text == texts[1]
    assert len(lab.drawn_as(Purpose.FEEDBACK)) == 1


async def test_a_chooser_that_names_no_answer_leaves_it_to_the_majority_and_the_trace_says_so():
    lab = DeskLab({**ANSWERS, "rules": {"Answer 1:": ["All are lovely."]}})
    outcome = await solve("best_of_n", lab, n=12, choice="chooser")
    assert "7" in outcome.chosen.text
    assert "named no answer" in outcome.trace["chosen_by"]


def test_a_chooser_needs_no_verifier():
    assert build("best_of_n", verifier="judge").verifiers_used == {"judge"}
    assert build("best_of_n", verifier="judge", choice="chooser").verifiers_used == frozenset()
    assert build("self_consistency").verifiers_used == frozenset()


async def test_self_consistency_hands_in_the_most_frequent_answer():
    outcome = await solve("self_consistency", DeskLab(ANSWERS), n=16)
    assert "7" in outcome.chosen.text
    assert outcome.trace["chosen_by"] == "majority"


async def test_without_any_answer_nothing_is_handed_in():
    outcome = await solve("self_consistency", DeskLab({"answers": ["No idea."]}), n=4)
    assert outcome.chosen is None
    assert outcome.trace["chosen_by"] == "no answer could be read"


@pytest.mark.parametrize("name", ["best_of_n", "self_consistency"])
async def test_answers_are_drawn_as_long_as_one_of_full_length_fits_the_budget(name):
    lab = DeskLab(ANSWERS, pseudo_score, max_tokens=10)
    await solve(name, lab, n=1000, token_budget=95)
    assert 95 - 10 < lab.spent.completion_tokens <= 95
    cut = DeskLab(ANSWERS, pseudo_score, max_tokens=10)
    await solve(name, cut, n=5, token_budget=95)
    assert len(cut.drawn) == 5


@pytest.mark.parametrize("name", ["best_of_n", "self_consistency"])
async def test_a_budget_smaller_than_one_answer_gives_none(name):
    lab = DeskLab(ANSWERS, max_tokens=10)
    outcome = await solve(name, lab, n=4, token_budget=9)
    assert (outcome.chosen, lab.drawn) == (None, [])
    assert (outcome.trace["answers"], outcome.trace["chosen_by"]) == (0, "no answer was finished")
