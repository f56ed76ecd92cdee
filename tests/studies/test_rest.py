"""The design of a study of several problems at once, and its findings against numbers worked by hand."""

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.statistics.pools import Pool
from experiments.studies.base import ConditionPools, studies
from tests.studies.compared_conditions import found

MARKS = {"x": "correct", "o": "wrong", "?": "unparsed", "-": "truncated"}


def study(**options):
    return studies.build("rest", {"levels": [2]} | options)


def level(key: str, rows: str, model: str = "m") -> ConditionPools:
    """`rows` are the verdicts on the prompts of p0, p1, ..., a word each; position k of prompt i holds problem i + 1 + k, and
    the last one problem i."""
    prompts = rows.split()
    pools = []
    for i, row in enumerate(prompts):
        order = [f"p{(i + 1 + k) % len(prompts)}" for k in range(len(row) - 1)] + [f"p{i}"]
        grading = [{"parts": [MARKS[mark] for mark in row], "problems": order}]
        right = np.array([row[-1] == "x"])
        pools.append(Pool(f"p{i}", np.array([0]), right, np.array([10 * len(row)]), grading=grading))
    return ConditionPools(f"{model}-variant1-{key}", f"{model}, {key}", pools, len(pools))


def test_levels_become_conditions_with_the_limit_scaled_or_kept():
    cells = study(levels=[4, 2], limit="both").lay_out(["m"], ["v"], Decoding(max_tokens=100))
    assert [(each.key.rpartition("-")[2], each.decoding.max_tokens) for each in cells] == [
        ("n1", 100),
        ("n2", 200),
        ("n2_constant", 100),
        ("n4", 400),
        ("n4_constant", 100),
    ]
    assert cells[3].treatment == Plugin("several_problems", {"problems": 4})


@pytest.mark.parametrize(
    ("options", "said"), [({"levels": [1]}, "greater"), ({"levels": []}, "Problems"), ({"levels": [2, 2]}, "twice")]
)
def test_levels_that_make_no_sense_are_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        study(**options)


def test_too_few_problems_greedy_repeats_and_too_many_tokens_are_refused():
    with pytest.raises(InvalidInput, match="take at least 9"):
        study(levels=[9]).check_problems(8)
    study(levels=[9]).check_problems(9)
    with pytest.raises(InvalidInput, match="temperature 0"):
        study(n=2).lay_out(["m"], ["v"], Decoding(temperature=0))
    with pytest.raises(InvalidInput, match="lower max tokens"):
        study(levels=[9]).lay_out(["m"], ["v"], Decoding(max_tokens=8000))
    study(levels=[9], limit="constant").lay_out(["m"], ["v"], Decoding(max_tokens=8000))


def findings(**options):
    single = level("n1", "x x x x x x o o")  # 0.75
    pairs = level("n2", "xo xx oo x? x- xx oo oo")  # first position 5 of 8, last 2 of 8
    return found(study(**options), single, pairs)


def test_the_headline_says_what_is_kept():
    numbers = findings()["headline"].estimates
    assert numbers["accuracy on single problems"].value == pytest.approx(6 / 8)
    assert numbers["stress accuracy"].value == pytest.approx(7 / 16)
    assert numbers["difference"].value == pytest.approx(7 / 16 - 6 / 8)
    assert numbers["retention"].value == pytest.approx((7 / 16) / (6 / 8))
    assert numbers["difference"].n == 8


def test_positions_are_a_heat_map():
    figure = findings()["positions"].figure
    assert (figure.x_labels, figure.y_labels) == (["Q1", "Q2"], ["1 problem", "2 problems"])
    assert figure.values == [[0.75, None], [pytest.approx(5 / 8), pytest.approx(2 / 8)]]


def test_missing_and_cut_off_answers_are_told_apart_from_wrong_ones():
    row = findings()["failures"].details["table"]["rows"][1]
    assert [cell.split()[0] for cell in row[2:]] == ["6%", "6%"]


def test_levels_are_held_against_single_problems_with_tokens_per_problem():
    told = findings()["levels"]
    assert told.details["table"]["rows"][0][:2] == ["2 problems", "8"]
    assert told.details["table"]["rows"][0][4] == "10.0 [10.0, 10.0]"
    assert told.figure.series[0].x == [1, 2]


def test_the_arms_of_the_limit_are_paired_and_models_are_told_apart():
    single, scaled = level("n1", "x x x x x x"), level("n2", "xx xx xx xx xx xx")
    both = found(study(limit="both"), single, scaled, level("n2_constant", "x- x- x- x- x- x-"))
    assert both["limits"].estimates["2 problems with the limit of one"].value == pytest.approx(-0.5)
    other = [level("n1", "x x x x x x", "b"), level("n2", "oo oo oo oo oo oo", "b")]
    rows = found(study(), single, scaled, *other)["power"].details["table"]["rows"]
    assert rows == [["1 problem", "2", "0.000"], ["2 problems", "2", f"{np.std([0, 1], ddof=1):.3f}"]]


def test_a_problem_counts_once_it_has_stood_at_every_position():
    begun = level("n2", "xx xx xx xx xx xx")
    part = ConditionPools(begun.key, begun.label, begun.pools[:3], 6)
    assert found(study(), level("n1", "x x x x x x"), part)["headline"].estimates["difference"].n == 2
    assert set(found(study(), level("n1", ""), part)) == {"headline"}
