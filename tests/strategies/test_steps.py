"""The step generator: where steps end, what they go on from, and what they may cost."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import FinishReason, Purpose
from experiments.strategies.steps.nodes import Ending, aggregate
from experiments.strategies.steps.walk import Walk
from tests.strategies.desk import QUESTION, DeskLab, build, pseudo_score, solve

THREE = "First add.\n\nThen check.\n\nIt is 7."


def walk(lab: DeskLab, **options) -> Walk:
    return Walk(build("beam_search", **options), QUESTION, lab)


async def all_steps(lab: DeskLab, **options) -> list:
    """One path from the root to its end."""
    tree, nodes = walk(lab, **options), []
    node = tree.root
    while node.is_live and (advanced := await tree.advance([node])):
        node = advanced[0]
        nodes.append(node)
    return nodes


async def test_a_step_ends_at_the_separator_which_stays_in_what_is_gone_on_from():
    lab = DeskLab({"answers": [THREE]})
    nodes = await all_steps(lab)
    assert [node.sample.text for node in nodes] == ["First add.", "Then check.", "It is 7."]
    assert [node.text for node in nodes] == ["First add.\n\n", "First add.\n\nThen check.\n\n", THREE]
    assert [node.ending for node in nodes] == [Ending.SEPARATOR, Ending.SEPARATOR, Ending.END]
    assert [node.score for node in nodes] == [len("First add."), len("First add.\n\nThen check."), len(THREE)]
    assert nodes[-1].path == nodes
    assert {sample.purpose for sample in lab.drawn} == {Purpose.STEP}
    assert [lab.parents[sample.key] for sample in lab.drawn] == [None, *lab.drawn[:2]]


async def test_the_first_of_several_separators_ends_a_step():
    nodes = await all_steps(DeskLab({"answers": ["a; b\n\nc"]}), separators=("\n\n", ";"))
    assert [node.text for node in nodes] == ["a;", "a; b\n\n", "a; b\n\nc"]


def test_an_empty_separator_is_refused():
    with pytest.raises(InvalidInput, match="Step separators: String should have at least 1 character"):
        build("beam_search", separators=[""])


async def test_without_separators_steps_have_a_fixed_number_of_tokens():
    nodes = await all_steps(DeskLab({"answers": ["one two three four five"]}), separators=(), step_tokens=2)
    assert [node.sample.text for node in nodes] == ["one two", " three four", " five"]
    assert [node.ending for node in nodes] == [Ending.CAP, Ending.CAP, Ending.END]


async def test_a_separator_that_never_comes_is_counted_and_the_path_goes_on():
    outcome = await solve("beam_search", DeskLab({"answers": ["one two three four five"]}), n=2, width=2, step_tokens=2)
    assert outcome.trace["step_endings"] == {"cap": 4, "end": 2}
    assert outcome.trace["stopped"] == "every path ended"


async def test_a_path_ends_where_its_answer_is_marked():
    lab = DeskLab({"answers": ["Answer: 7\n\nBut wait."]})
    assert [node.ending for node in await all_steps(lab)] == [Ending.ANSWER]
    assert [node.ending for node in await all_steps(lab, ends_at_answer=False)] == [Ending.SEPARATOR, Ending.END]


async def test_an_answer_inside_of_thoughts_does_not_end_the_path():
    lab = DeskLab({"answers": ["<think>Answer: 6\n\nNo.</think>\n\nAnswer: 7\n\nend"]})
    assert [node.ending for node in await all_steps(lab)] == [Ending.SEPARATOR, Ending.SEPARATOR, Ending.ANSWER]


async def test_a_path_of_as_many_steps_as_allowed_is_an_answer():
    nodes = await all_steps(DeskLab({"answers": [THREE]}), max_steps=2)
    assert nodes[-1].ending == Ending.MAX_STEPS
    assert nodes[-1].is_finished


async def test_a_path_becomes_no_longer_than_the_condition_lets_an_answer_become():
    lab = DeskLab({"answers": [THREE]}, max_tokens=3)
    nodes = await all_steps(lab)
    assert [node.n_tokens for node in nodes] == [2, 3]
    assert nodes[-1].ending == Ending.MAX_TOKENS
    assert nodes[-1].sample.finish_reason == FinishReason.LENGTH


async def test_a_stop_string_of_the_condition_ends_the_answer():
    nodes = await all_steps(DeskLab({"answers": [THREE]}, stop=("\n\n",)))
    assert [node.ending for node in nodes] == [Ending.END]


async def test_a_node_that_cannot_go_on_stays_as_it_is():
    tree = walk(DeskLab({"answers": [THREE]}), max_steps=1)
    (ended,) = await tree.advance([tree.root])
    again = await tree.advance([ended, tree.root])
    assert again[0] is ended
    assert again[1] is not ended


@pytest.mark.parametrize("name", ["beam_search", "lookahead", "dvts", "step_best_of_n", "rebase", "mcts", "particle_filter"])
@pytest.mark.parametrize("budget", [1, 7, 40, 90])
async def test_the_token_budget_is_never_overdrawn(name, budget):
    answers = [f"{a} word\n\n{b} more words here\n\nThe answer is {c}." for a in "xy" for b in "pq" for c in (6, 7)]
    lab = DeskLab({"answers": answers}, pseudo_score)
    scale = {"scores_are": "probabilities"} if name in ("rebase", "mcts", "particle_filter") else {}
    outcome = await solve(name, lab, token_budget=budget, **scale)
    assert 0 < lab.spent.completion_tokens <= budget or not lab.drawn
    assert (outcome.trace["tokens"], outcome.trace["token_budget"]) == (lab.spent.completion_tokens, budget)
    if outcome.chosen is None:
        assert outcome.trace["stopped"] == "token budget spent"
        assert not lab.handed_in


async def test_a_budget_smaller_than_one_step_gives_no_answer_and_the_trace_says_so():
    lab = DeskLab({"answers": [THREE]})
    outcome = await solve("beam_search", lab, n=4, width=2, token_budget=4)
    assert outcome.chosen is None
    assert (outcome.trace["stopped"], outcome.trace["finished"]) == ("token budget spent", 0)
    assert outcome.trace["step_endings"] == {"cap": 4}
    assert outcome.trace["chosen_by"] == "no answer was finished"


async def test_missing_scores_rank_last_and_are_counted():
    lab = DeskLab({"answers": ["good way\n\nIt is 7.", "bad way\n\nIt is 6."]}, lambda text: None if "bad" in text else 0.5)
    outcome = await solve("beam_search", lab, n=8, width=4, choice="highest_score")
    assert outcome.chosen.whole_text == "good way\n\nIt is 7."
    n_bad = sum("bad" in sample.whole_text for sample in lab.drawn)
    assert outcome.trace["unscored_steps"] == n_bad > 0


@pytest.mark.parametrize("score", [0.5, None])
async def test_the_same_score_for_all_leaves_the_choice_to_the_seed(score):
    texts = set()
    for seed in range(12):
        lab = DeskLab({"answers": ["a\n\nIt is 7.", "b\n\nIt is 6."]}, lambda text: score, seed)
        texts.add((await solve("beam_search", lab, n=4, width=2, choice="highest_score")).chosen.whole_text)
    assert len(texts) == 2


@pytest.mark.parametrize(("how", "score"), [("product", 0.432), ("min", 0.6), ("mean", 0.7667), ("last", 0.6), ("max", 0.9)])
def test_step_scores_become_one_score(how, score):
    """The handbook's check values."""
    assert aggregate([0.9, 0.8, 0.6], how) == pytest.approx(score, abs=5e-5)
    assert aggregate([], how) is None
    assert aggregate([0.9, None], how) is None
