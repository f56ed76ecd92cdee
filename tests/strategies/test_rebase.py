"""REBASE shares its width as the handbook's check values say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.strategies.rebase import allocate
from tests.strategies.desk import DeskLab, Tree, TreeLab, pseudo_score, solve


@pytest.mark.parametrize(("temperature", "widths"), [(0.2, [11, 4, 1, 0]), (1.0, [6, 5, 3, 2])])
def test_check_values(temperature, widths):
    assert allocate([0.9, 0.7, 0.5, 0.1], 16, temperature) == widths
    assert allocate([0.1, 0.9, 0.5, 0.7], 16, temperature) == [widths[3], widths[0], widths[2], widths[1]]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 64), st.floats(0.01, 10))
def test_the_whole_width_is_given_out_and_better_nodes_get_no_less(scores, width, temperature):
    shares = allocate(scores, width, temperature)
    assert sum(shares) == width
    in_order = [shares[i] for i in sorted(range(len(scores)), key=lambda i: -scores[i])]
    assert in_order == sorted(in_order, reverse=True)


def test_equal_scores_share_alike_and_nothing_is_left_of_no_width():
    assert allocate([0.5] * 4, 8, 0.2) == [2, 2, 2, 2]
    assert allocate([0.5] * 3, 4, 0.2) == [2, 1, 1]
    assert allocate([0.9, 0.1], 0, 1.0) == [0, 0]
    assert allocate([], 4, 1.0) == []
    assert allocate([1.0, 0.0], 4, 0.0001) == [4, 0]


async def test_every_finished_answer_takes_one_of_the_width():
    lab = TreeLab(Tree(3, depth=5, uneven=True))
    outcome = await solve("rebase", lab, width=8, scores_are="probabilities", ends_at_answer=False)
    assert len(lab.handed_in) == outcome.trace["finished"] == 8
    assert sum(outcome.trace["widths"][0]["widths"]) == 8 - sum("\n\n" not in sample.whole_text for sample in lab.handed_in)
    for sample in lab.drawn:
        assert sample.prefix == "" or sample.prefix.rstrip() in {each.whole_text for each in lab.drawn}


async def test_children_follow_the_scores():
    scores = {"good": 0.9, "fair": 0.7, "poor": 0.1}
    lab = DeskLab({"answers": [f"{each}\n\nIt is 7." for each in scores]}, lambda text: scores.get(text, 0.5), seed=2)
    outcome = await solve("rebase", lab, width=6, scores_are="probabilities")
    first = {sample.index: sample.text for sample in lab.drawn[:6]}
    given_out = outcome.trace["widths"][0]
    assert given_out["widths"] == allocate([scores[first[index]] for index in given_out["samples"]], 6, 0.2)
    children = [sample.prefix.strip() for sample in lab.drawn[6:]]
    assert children.count("good") > children.count("poor") == 0


@pytest.mark.parametrize("scale", ["log_probabilities", "other_numbers"])
async def test_any_verifier_will_do_once_its_scale_is_known(scale):
    lab = TreeLab(Tree(1, depth=2), score=lambda text: -5 * pseudo_score(text))
    outcome = await solve("rebase", lab, width=4, scores_are=scale)
    assert outcome.chosen is not None
