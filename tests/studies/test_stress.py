"""The design of a study of stress levels, and what it claims of curves of known shape."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.studies.base import studies
from tests.studies.compared_conditions import cell, found

N = 20


def study(**options):
    return studies.build("stress", options)


def test_every_sentence_of_every_level_is_a_condition_beside_two_controls():
    cells = study(levels=[1, 4, 7, 10], sentences=2).lay_out(["m"], ["v"], Decoding())
    assert [each.label for each in cells[:4]] == [
        "no sentence",
        "no sentence, a second time",
        "neutral sentence",
        "level 1, time",
    ]
    assert cells[-1].treatment == Plugin("stress", {"level": 10, "sentence": 2})
    assert len(study().lay_out(["m"], ["v"], Decoding())) == 53


@pytest.mark.parametrize(
    ("options", "said"),
    [({"levels": [1, 2, 3]}, "Levels"), ({"levels": [1, 2, 3, 3]}, "twice"), ({"levels": [0, 1, 2, 3]}, "Levels")],
)
def test_levels_that_make_no_curve_are_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        study(**options)


def test_too_few_problems_and_greedy_repeats_are_refused():
    with pytest.raises(InvalidInput, match="at least 6"):
        study().check_problems(2)
    with pytest.raises(InvalidInput, match="temperature 0"):
        study(n=2).lay_out(["m"], ["v"], Decoding(temperature=0))


def curve(right_by_level: dict[int, int]):
    """`right_by_level` of N problems come out right, one more or less by sentence."""
    cells = [cell("control", [1] * 10 + [0] * 10), cell("neutral", [1] * 10 + [0] * 10)]
    for level, right in right_by_level.items():
        for number in range(1, 6):
            k = right + (number % 3) - 1
            cells.append(cell(f"s{level}_{number}", [1] * k + [0] * (N - k), tokens=10 + level))
    return found(study(), *cells)


def test_a_rise_and_fall_is_called_an_inverted_u_with_its_peak():
    told = curve({level: 17 - abs(level - 5) * 2 for level in range(1, 11)})["headline"]
    assert "shows an inverted U" in told.sentence
    assert 4 < told.estimates["peak of the quadratic, level"].value < 6
    assert told.estimates["slope before the peak"].low > 0 > told.estimates["slope after the peak"].high
    assert told.sentence.endswith("were rated by nobody.")


@pytest.mark.parametrize("right", [{level: 10 for level in range(1, 11)}, {level: 4 + level for level in range(1, 11)}])
def test_flat_and_rising_curves_are_none(right):
    assert "shows no inverted U" in curve(right)["headline"].sentence


def test_the_figure_has_a_point_for_every_sentence_and_lines_for_the_controls():
    series = {each.name: each for each in curve({level: 10 for level in range(1, 11)})["levels"].figure.series}
    assert list(series) == ["sentences", "mean of the level", "quadratic", "neutral sentence", "no sentence"]
    assert len(series["sentences"].x) == 50
    assert series["neutral sentence"].y == [0.5, 0.5]


def test_levels_are_held_against_the_neutral_sentence_and_lengths_are_told():
    findings = curve({level: 8 if level > 8 else 10 for level in range(1, 11)})
    rows = findings["neutral"].details["table"]["rows"]
    assert (rows[0][0], rows[-1][0]) == ("level 1", "level 10")
    assert findings["neutral"].estimates["level 10: difference"].value == pytest.approx(-0.1, abs=0.02)
    assert "Neutral sentence against none on 20 problems: 0.00 [0.00, 0.00]" in findings["neutral"].sentence
    assert "a second time" not in findings["neutral"].sentence
    assert findings["length"].figure.series[0].y[-1] == pytest.approx(20)


def test_without_a_problem_under_every_sentence_there_is_no_curve():
    assert set(found(study(), cell("control", [1]), cell("s1_1", [1]))) == {"headline"}
