"""The study of step lengths: its cells, slopes with a level of its own for each problem, and the manipulation check."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding
from experiments.studies.base import studies
from tests.studies.compared_conditions import cell, found


def study(**options):
    return studies.build("step_length", {"levels": [-1, 0, 2], "control_level": 2, **options})


def test_every_level_and_control_is_a_condition_of_its_treatment():
    cells = study(task="last_letters", shots=3).lay_out(["m"], ["v"], Decoding())
    assert [(each.label, each.treatment.params["level"], each.treatment.params["working"]) for each in cells] == [
        ("level −1", -1, "right"),
        ("level 0", 0, "right"),
        ("level 2", 2, "right"),
        ("level 2, wrong values", 2, "wrong"),
        ("level 2, off-topic words", 2, "filler"),
    ]
    assert {(each.treatment.params["task"], each.treatment.params["shots"]) for each in cells} == {("last_letters", 3)}
    assert len({each.key for each in cells}) == 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"levels": [1, 2]}, "take level 0"),
        ({"levels": [0, 9]}, "which 9 is not"),
        ({"task": "chess"}, "sums and of last_letters"),
    ],
)
def test_levels_and_tasks_that_make_no_sense_are_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        study(**options)


def findings(*at_levels, steps=(1, 1, 1)):
    keys = ("short1", "level0", "level2", "wrong", "filler")
    n_steps = [*steps, steps[-1], steps[-1]]
    return found(study(), *(cell(key, right, steps=n) for key, right, n in zip(keys, at_levels, n_steps, strict=False)))


def test_the_slope_is_accuracy_per_level_problem_by_problem():
    told = findings([0] * 8, [0] * 4 + [1] * 4, [1] * 8)
    finding = told["headline"]
    # Levels −1, 0, 2: least squares through (0, 0, 1) and (0, 1, 1) are 5/14 and 4/14, each for half of the problems.
    assert finding.estimates["accuracy per level"].value == pytest.approx((5 / 14 + 4 / 14) / 2)
    assert told["accuracy"].figure.series[0].y == [0, 0.5, 1]
    assert "changes accuracy by +0.32" in finding.sentence


def test_controls_are_held_against_right_workings_of_their_level():
    finding = findings([0] * 8, [0] * 8, [1] * 8, [0] * 8, [1] * 8)["headline"]
    assert finding.estimates["level 2, wrong values − right"].value == -1
    assert "With off-topic words instead: 0.00" in finding.sentence


def test_examples_that_did_not_change_the_answers_are_called_so():
    right = [[0, 1] * 4] * 3
    assert "no effect of the length" in findings(*right)["manipulation"].sentence
    followed = findings(*right, steps=(1, 2, 4))["manipulation"]
    assert "they were followed" in followed.sentence
    assert followed.estimates["steps in the answer per level"].value == pytest.approx(1)


def test_each_level_is_compared_with_level_0():
    rows = findings([0] * 8, [1] * 8, [1] * 8)["levels"].details["table"]["rows"]
    assert [(row[0], row[3]) for row in rows] == [
        ("level −1", "−1.00 [−1.00, −1.00]"),
        ("level 2", "0.00 [0.00, 0.00]: no clear difference"),
    ]


def test_before_every_level_has_a_problem_nothing_is_claimed():
    assert set(findings([1] * 8)) == {"headline"}
