"""Beam search, lookahead, DVTS and step-level best of N against plain loops over strings."""

from collections import Counter

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Purpose
from tests.strategies.desk import DeskLab, Tree, TreeLab, build, pseudo_score, solve

SEEDS = range(25)


class Growing:
    """The tree as plain strings: `step` writes the next step after a text, and says whether it was the last."""

    def __init__(self, tree: Tree):
        self._tree = tree
        self._asked: Counter[str] = Counter()

    def step(self, text: str) -> tuple[str, bool]:
        prefix = text + "\n\n" if text else ""
        written, is_last = self._tree.step(prefix, self._asked[prefix])
        self._asked[prefix] += 1
        return prefix + written, is_last


def best(texts: list[str], n: int = 1) -> list[str]:
    return sorted(texts, key=pseudo_score, reverse=True)[:n]


@pytest.mark.parametrize(("n", "width"), [(4, 4), (6, 3), (8, 2)])
@pytest.mark.parametrize("seed", SEEDS)
async def test_beam_search_keeps_the_best_and_copies_them_when_finished_ones_leave(seed, n, width):
    growing = Growing(Tree(seed, depth=4, uneven=True))
    finished, live = [], [""]
    while live:
        written = [growing.step(live[i % len(live)]) for i in range(n)]
        finished += [text for text, is_last in written if is_last]
        live = best([text for text, is_last in written if not is_last], n // width)
    lab = TreeLab(Tree(seed, depth=4, uneven=True))
    outcome = await solve("beam_search", lab, n=n, width=width, choice="highest_score", ends_at_answer=False)
    assert sorted(sample.whole_text for sample in lab.handed_in) == sorted(finished)
    assert outcome.chosen.whole_text == best(finished)[0]


@pytest.mark.parametrize("seed", SEEDS)
async def test_paths_are_ranked_by_the_mean_of_their_steps_where_that_is_asked_for(seed):
    growing = Growing(Tree(seed, depth=3))
    sums, live = {"": 0.0}, [""]
    for _ in range(3):
        written = [(text, growing.step(text)[0]) for i in range(6) for text in (live[i % len(live)],)]
        sums |= {child: sums[text] + pseudo_score(child) for text, child in written}
        live = sorted((child for _, child in written), key=sums.get, reverse=True)[:2]
    lab = TreeLab(Tree(seed, depth=3))
    outcome = await solve("beam_search", lab, n=6, width=3, path_score="mean", choice="highest_score")
    assert {sample.whole_text for sample in lab.handed_in} == {child for _, child in written}
    assert outcome.chosen.whole_text == live[0]


@pytest.mark.parametrize("seed", SEEDS)
async def test_dvts_keeps_one_of_each_tree_and_hands_in_the_last_round_of_each(seed):
    growing = Growing(Tree(seed, depth=3, uneven=True))
    finished, tops = [], [""] * 3
    while tops:
        trees = [[growing.step(top) for _ in range(4)] for top in tops]
        tops = []
        for tree in trees:
            ended = [text for text, is_last in tree if is_last]
            (top,) = best([text for text, _ in tree])
            if top in ended:
                finished += ended
            else:
                tops.append(top)
    lab = TreeLab(Tree(seed, depth=3, uneven=True))
    outcome = await solve("dvts", lab, n=12, width=4, choice="highest_score", ends_at_answer=False)
    assert sorted(sample.whole_text for sample in lab.handed_in) == sorted(finished)
    assert outcome.chosen.whole_text == best(finished)[0]


@pytest.mark.parametrize("seed", SEEDS)
async def test_step_level_best_of_n_goes_on_from_the_best_step(seed):
    growing = Growing(Tree(seed, depth=4, uneven=True))
    text, is_last = "", False
    while not is_last:
        text, is_last = max((growing.step(text) for _ in range(5)), key=lambda written: pseudo_score(written[0]))
    lab = TreeLab(Tree(seed, depth=4, uneven=True))
    outcome = await solve("step_best_of_n", lab, n=5, ends_at_answer=False)
    assert outcome.chosen.whole_text == text
    assert [sample.whole_text for sample in lab.handed_in] == [text]


async def test_useless_steps_are_dropped_and_written_again_twice():
    lab = DeskLab({"answers": ["Question: another one?\n\nIt is 6.", "\n\nIt is 5."]})
    outcome = await solve("step_best_of_n", lab, n=3)
    assert outcome.chosen is None
    assert outcome.trace["stopped"] == "every step was dropped, 3 times"
    assert outcome.trace["dropped_steps"] == len(lab.drawn) == 9


async def test_useless_steps_are_passed_over_for_a_good_one():
    lab = DeskLab({"answers": ["Question: a long other question?\n\nIt is 6.", "So\n\nIt is 7."]})
    outcome = await solve("step_best_of_n", lab, n=8)
    assert outcome.chosen.whole_text == "So\n\nIt is 7."
    assert outcome.trace["dropped_steps"] == sum("Question" in sample.text for sample in lab.drawn) > 0


async def test_lookahead_scores_a_step_by_where_greedy_steps_lead():
    """“dull” looks worse than “shiny” but leads to the good end, which one greedy step ahead can see."""
    answers = ["dull\n\ngood\n\nIt is 7.", "shiny\n\nbad\n\nIt is 6."]
    scores = {"dull": 0.1, "shiny": 0.9, "good": 1.0, "bad": 0.2}

    def score(text: str) -> float:
        return scores.get(text.split("\n\n")[-1], 0.5)

    options = {"n": 8, "width": 8, "choice": "highest_score"}
    blind = DeskLab({"answers": answers}, score)
    assert (await solve("beam_search", blind, **options)).chosen.whole_text == answers[1]
    lab = DeskLab({"answers": answers}, score)
    assert (await solve("lookahead", lab, **options, lookahead=1)).chosen.whole_text == answers[0]
    rollouts = lab.drawn_as(Purpose.ROLLOUT)
    assert {sample.text for sample in rollouts} == {"good", "bad", "It is 7."}
    assert len(rollouts) == 16, "one for each of 8 first and 8 second steps, none for the finished ones"
    assert not any(sample in rollouts for sample in lab.handed_in)
    assert all(lab.parents[sample.key] in lab.drawn_as(Purpose.STEP) for sample in rollouts)


async def test_two_steps_ahead_are_written_one_after_the_other():
    lab = DeskLab({"answers": ["a\n\nb\n\nc\n\nd"]})
    await solve("lookahead", lab, n=1, width=1, lookahead=2)
    assert [sample.text for sample in lab.drawn_as(Purpose.ROLLOUT)] == ["b", "c", "c", "d", "d"]


@pytest.mark.parametrize("name", ["beam_search", "lookahead", "dvts"])
def test_n_must_be_divisible_by_the_width(name):
    with pytest.raises(InvalidInput, match="N = 6 must be divisible by M = 4"):
        build(name, n=6, width=4)
