"""Step by step against direct: differences, clusters, and the checks of what they rest on."""

import dataclasses

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.statistics.paired import mcnemar_mid_p
from experiments.studies.base import studies
from tests.studies.compared_conditions import cell, found


def study(**options):
    return studies.build("cot_or_direct", options)


def changed(condition, **changes):
    pools = [
        dataclasses.replace(pool, **{name: change(i, pool) for name, change in changes.items()})
        for i, pool in enumerate(condition.pools)
    ]
    return dataclasses.replace(condition, pools=pools)


def test_both_ways_are_conditions_and_a_grammar_is_for_direct_answers_only():
    direct, steps = study(grammar=['root ::= "Yes" | "No"']).lay_out(["m"], ["v"], Decoding())
    assert (direct.treatment, steps.treatment) == (Plugin("direct_answer", {"most": 10}), Plugin("step_by_step"))
    assert (direct.decoding.grammar, steps.decoding.grammar) == (('root ::= "Yes" | "No"',), ())


def test_too_few_problems_and_greedy_repeats_are_refused():
    with pytest.raises(InvalidInput, match="take at least 6"):
        study().check_problems(3)
    with pytest.raises(InvalidInput, match="temperature 0"):
        study(n=2).lay_out(["m"], ["v"], Decoding(temperature=0))


def test_the_difference_is_paired_and_tested_by_mcnemars_mid_p():
    direct, steps = cell("direct", [1] * 15 + [0] * 5 + [1] * 20), cell("steps", [0] * 15 + [1] * 5 + [1] * 20)
    finding = found(study(), direct, steps)["headline"]
    assert finding.estimates["difference"].value == -0.25
    assert mcnemar_mid_p(15, 5) == pytest.approx(0.0266, abs=5e-5)
    assert "(p = 0.027)" in finding.sentence


def test_problems_of_one_cluster_count_once():
    right = [1, 1, 1, 1] * 6
    direct, steps = cell("direct", right), cell("steps", [0, 0, 0, 0] * 3 + right[:12])
    clustered = [changed(each, cluster=lambda i, pool: f"g{i // 4}") for each in (direct, steps)]
    alone, together = found(study(), direct, steps)["headline"], found(study(), *clustered)["headline"]
    assert together.estimates["difference"].n == 6
    assert "24 problems, in 6 clusters" in together.sentence
    width = {
        name: each.estimates["difference"].high - each.estimates["difference"].low
        for name, each in (("alone", alone), ("together", together))
    }
    assert width["together"] > 1.5 * width["alone"]


def test_the_forest_plot_has_a_row_for_each_model_and_a_line_at_zero():
    cells = [cell(key, [1, 0] * 4, model=model) for model in ("m1", "m2") for key in ("direct", "steps")]
    figure = found(study(), *cells)["forest"].figure
    assert (figure.y_labels, figure.x_marks) == (["m1", "m2"], {"no difference": 0})
    (points,) = figure.series
    assert (points.x, points.y, points.x_low) == ([0, 0], [0, 1], [0, 0])


def test_direct_answers_that_reason_anyway_are_counted():
    direct, steps = cell("direct", [1] * 8, tokens=[3] * 6 + [50] * 2), cell("steps", [1] * 8, tokens=80)
    finding = found(study(), direct, steps)["checks"]
    assert finding.estimates["direct answer: at most 10 words"].value == 0.75
    assert "dilutes the comparison" in finding.sentence


def test_a_habit_of_saying_yes_is_told():
    direct, steps = cell("direct", [1, 0] * 4), cell("steps", [1, 0] * 4)
    direct = changed(direct, read=lambda i, pool: ["yes"])
    steps = changed(steps, read=lambda i, pool: ["yes" if i % 2 else "no"])
    finding = found(study(), direct, steps)["checks"]
    assert finding.estimates["direct answer: says “yes”"].value == 1
    assert finding.estimates["step by step: says “yes”"].value == 0.5


def test_answers_of_another_kind_have_no_such_share():
    cells = [changed(cell(key, [1, 0] * 4), read=lambda i, pool: [str(i)]) for key in ("direct", "steps")]
    assert "says" not in " ".join(found(study(), *cells)["checks"].estimates)
