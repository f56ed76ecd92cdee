"""What loops of refinement say of themselves."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from experiments.studies.loops import Loop
from experiments.studies.refinement_findings import refinement_findings
from tests.studies.attempts import loop_condition, pool_condition


def found(*conditions):
    findings = refinement_findings(conditions, np.random.default_rng(0))
    json.dumps([asdict(finding) for finding in findings], allow_nan=False)
    return {finding.key: finding for finding in findings}


def test_chains_are_read_by_the_numbers_of_their_answers():
    loop = Loop.of(loop_condition("repair", {"a": "oox xo", "b": "xxx oxo"}))
    assert loop.chains == {"a": [[False, False, True], [True, False]], "b": [[True, True, True], [False, True, False]]}
    assert loop.right.tolist() == [0, 0]
    assert (loop.width, loop.depth, loop.planned_depth, loop.budget) == (2, 3, 3, 6)


def test_repairs_and_damage_are_told_with_their_counts():
    finding = found(loop_condition("repair", {"a": "oox", "b": "xoo", "c": "oo"}))["refinement"]
    (row,) = finding.details["table"]["rows"]
    assert (row[:3], row[4:6], row[7]) == (["repair", "3", "4"], ["1", "1.00"], "–")
    assert row[3].startswith("0.25 [")
    assert row[6].startswith("0.00 [")
    assert finding.sentence.startswith("In none of 1 loops does accuracy change clearly per round, as in repair: 0.00 [")
    assert finding.estimates["repair: correction rate"].value == pytest.approx(1 / 4)
    assert finding.estimates["repair: over-correction rate"].n == 1
    assert finding.estimates["repair: slope per round"].n == 3
    assert "repair: share over the token budget" not in finding.estimates


def test_loops_that_clearly_get_better_or_worse_are_named():
    problems = [f"p{i}" for i in range(12)]
    better = loop_condition("better", dict.fromkeys(problems, "oox"))
    worse = loop_condition("worse", dict.fromkeys(problems, "xoo"))
    sentence = found(better, worse)["refinement"].sentence
    told = "better +0.50 [+0.50, +0.50]; worse −0.50 [−0.50, −0.50]."
    assert sentence.startswith(f"Accuracy changes clearly per round in 2 of 2 loops: {told}")


def test_what_was_spent_over_the_budget_is_told():
    estimates = found(loop_condition("repair", {"a": "ox", "b": "o"}, spent=(150, 100)))["refinement"].estimates
    assert estimates["repair: share over the token budget"].value == 1
    assert estimates["repair: tokens spent by budget"].value == pytest.approx(1.5)


def test_an_oracle_loop_is_drawn_as_solved_beside_the_oracle_of_repeats_at_as_many_answers():
    loop = loop_condition("repair (oracle)", {"a": "oox", "b": "x", "c": "ooo"}, uses_oracle=True)
    figure = found(loop, pool_condition(a=[1, 0, 1, 1], b=[0, 0, 1, 1], c=[1, 1, 1, 1]))["refinement"].figure
    lines = {series.name: series for series in figure.series}
    assert lines["repair (oracle)"].x == [1, 2, 3]
    assert lines["repair (oracle)"].y == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    repeats = lines["pool: any of k repeats (oracle)"]
    assert repeats.dashed
    assert repeats.y[:2] == pytest.approx([(1 / 4 + 1 / 2) / 3, (1 / 2 + 5 / 6) / 3])


def test_with_several_chains_a_round_costs_several_answers():
    figure = found(loop_condition("repair", {"a": "oox oxx", "b": "xxx xxx"}))["refinement"].figure
    assert figure.series[0].x == [2, 4, 6]
    assert figure.series[0].y == pytest.approx([1 / 2, 3 / 4, 1])


def test_every_kind_of_reply_is_counted_for_itself():
    fear = loop_condition("fear", {"a": "ox", "b": "xo"}, strategy="heart", cues="fear")
    neutral = loop_condition("neutral", {"a": "oo", "b": "xx"}, strategy="heart", cues="neutral")
    rows = found(fear, neutral)["refinement_replies"].details["table"]["rows"]
    assert rows == [["fear", "fear", "2", "1.00", "1", "1.00", "1"], ["neutral", "neutral", "2", "0.00", "1", "0.00", "1"]]


def test_loops_of_one_strategy_are_compared_in_pairs_and_tied_when_tied():
    problems = [f"p{i}" for i in range(12)]
    cycle = loop_condition("cycle", dict.fromkeys(problems, "ox"), strategy="heart")
    neutral = loop_condition("neutral", dict.fromkeys(problems, "oo"), strategy="heart")
    other = loop_condition("repair", dict.fromkeys(problems, "ox"))
    finding = found(cycle, neutral, other)["loops_compared"]
    assert list(finding.estimates) == ["cycle − neutral"]
    assert "cycle − neutral +1.00" in finding.sentence
    assert finding.figure is None
    assert (
        "none is a clear difference"
        in found(cycle, loop_condition("again", dict.fromkeys(problems, "ox"), strategy="heart"))["loops_compared"].sentence
    )


def test_width_is_drawn_against_depth_where_the_answers_are_as_many():
    wide = loop_condition("wide", {"a": "o o o x", "b": "o o o o"}, depth=1)
    deep = loop_condition("deep", {"a": "ooox", "b": "ooox"}, depth=4)
    (line,) = found(wide, deep)["loops_compared"].figure.series
    assert (line.name, line.x, line.y) == ("repair, 4 answers (handed in)", [1, 4], [0.5, 1])


def test_without_a_loop_there_is_nothing_to_say():
    assert found(pool_condition(a=[0, 1])) == {}
