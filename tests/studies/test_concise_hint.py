"""The study of hints: its cells, and what it says of them."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.studies.base import studies
from tests.studies.compared_conditions import cell, found


def study(**options):
    return studies.build("concise_hint", options)


def test_every_setting_is_a_condition_of_the_strategy_with_its_options():
    cells = study(ablations=["neutral", "prompt", "fixed"], interval_tokens=8).lay_out(["m"], ["v"], Decoding())
    assert [(each.key.rpartition("-")[2], each.strategy, each.treatment) for each in cells] == [
        ("plain", Plugin("pool", {"n": 1}), None),
        ("hints", Plugin("concise_hint", {"interval_tokens": 8, "growth": 0.2}), None),
        ("prompt", Plugin("pool", {"n": 1}), Plugin("fit_length")),
        ("fixed", Plugin("concise_hint", {"interval_tokens": 8, "growth": 0.0}), None),
        ("neutral", Plugin("concise_hint", {"interval_tokens": 8, "growth": 0.2, "hint": "neutral"}), None),
    ]


def test_what_cannot_answer_the_question_is_refused():
    with pytest.raises(InvalidInput, match="there would be none"):
        study(interval_tokens=128).lay_out(["m"], ["v"], Decoding(max_tokens=128))
    with pytest.raises(InvalidInput, match="Known"):
        study(ablations=["nothing"])
    with pytest.raises(InvalidInput, match="take at least 6"):
        study().check_problems(3)


def test_the_headline_compares_hints_with_plain_answers():
    plain, hints = cell("plain", [1, 0] * 5, tokens=100), cell("hints", [1, 0] * 5, tokens=50, hints=2)
    assert found(study(), plain, hints)["headline"].sentence == (
        "Hinting while the model writes saves 50% [50%, 50%] of the tokens; accuracy 0.50 → 0.50 on 10 problems, "
        "difference 0.00 [0.00, 0.00]: no clear difference."
    )


def test_the_figure_has_a_point_with_both_intervals_for_each_setting():
    cells = [
        cell("plain", [1, 0] * 5, tokens=[90, 110] * 5),
        cell("chunks", [1, 0] * 5, hints=0),
        cell("hints", [1] * 10, hints=1),
    ]
    finding = found(study(), *cells)["settings"]
    points = {each.name: each for each in finding.figure.series if each.bars}
    assert set(points) == {"plain", "chunks without hints", "hints"}
    assert (points["plain"].x, points["plain"].y) == ([100], [0.5])
    assert points["plain"].x_low[0] < 100 < points["plain"].x_high[0]
    assert [row[:2] for row in finding.details["table"]["rows"]] == [["chunks without hints", "10"], ["hints", "10"]]


def test_hints_are_drawn_against_length_and_what_was_read_again_is_told():
    cells = [cell("plain", [1] * 6, 40), cell("hints", [1] * 6, tokens=[10, 20, 30, 40, 50, 60], cut=[0] * 5 + [1], hints=3)]
    finding = found(study(), *cells)["hints"]
    (points,) = finding.figure.series
    assert (points.x, points.y) == ([10, 20, 30, 40, 50, 60], [3] * 6)
    assert finding.estimates["hints: tokens read and written"].value == 40
    assert finding.estimates["hints: cut off"].value == pytest.approx(1 / 6)


def test_savings_are_told_by_quarters_of_difficulty():
    plain, hints = cell("plain", [1] * 8, tokens=[10, 11, 20, 21, 30, 31, 40, 41]), cell("hints", [1] * 8, tokens=10, hints=1)
    (line,) = found(study(), plain, hints)["difficulty"].figure.series
    assert line.y == pytest.approx([-0.5, -10.5, -20.5, -30.5])


def test_before_anything_is_finished_nothing_is_claimed():
    assert set(found(study(), cell("plain", [1]))) == {"headline"}
