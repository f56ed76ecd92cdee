"""The design of a brevity study and what it reads out of pools, against numbers worked by hand."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from tests.studies.brevity_pools import condition, findings, study, ten


def test_every_limit_is_a_condition_with_its_treatment():
    cells = study(words=30, more_limits=["2 sentences"], n=2).lay_out(["m1", "m2"], ["v"], Decoding())
    assert [(cell.language_model, cell.key.rpartition("-")[2]) for cell in cells] == [
        (model, arm) for model in ("m1", "m2") for arm in ("control", "placebo", "brief", "direct", "limit1")
    ]
    assert [cell.treatment for cell in cells[:5]] == [
        None,
        Plugin("placebo", {"n_words": 6}),
        Plugin("length_limit", {"most": 30, "unit": "words"}),
        Plugin("direct_answer", {"most": 10}),
        Plugin("length_limit", {"most": 2, "unit": "sentences"}),
    ]
    assert cells[2].label == "m1, at most 30 words"
    assert all(cell.strategy == Plugin("pool", {"n": 2}) for cell in cells)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"more_limits": ["0 words"]}, "at least 1"),
        ({"more_limits": ["short"]}, "is no limit"),
        ({"words": 0}, "Limit in words"),
    ],
)
def test_limits_that_make_no_sense_are_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        study(**options)


def test_the_same_limit_twice_and_greedy_repeats_are_refused():
    with pytest.raises(InvalidInput, match="is there twice"):
        study(words=20, more_limits=["20 words"]).lay_out(["m"], ["v"], Decoding())
    with pytest.raises(InvalidInput, match="temperature 0"):
        study(n=4).lay_out(["m"], ["v"], Decoding(temperature=0))


def test_the_headline_says_what_is_saved_and_what_it_costs():
    found = findings(condition("control", ten([1, 0], 100, 80)), condition("brief", ten([1, 0], 25, 15)))
    assert found["headline"].sentence == (
        "Asking for at most 20 words saves 75% [75%, 75%] of the tokens; accuracy 0.50 → 0.50 on 10 problems, "
        "difference 0.00 [0.00, 0.00]: no clear difference."
    )
    assert found["headline"].estimates["tokens saved"].n == 10


def test_without_a_shared_problem_nothing_is_claimed():
    assert set(findings(condition("control", ten([1], 10, 5)), condition("brief", []))) == {"headline"}
    assert "nothing to compare" in findings(condition("control", []))["headline"].sentence


def test_the_figure_joins_every_condition_to_its_control_and_marks_the_frontier():
    arms = {"control": (100, [1, 1, 0]), "placebo": (110, [1, 0, 0]), "brief": (20, [1, 0, 0])}
    figure = findings(*(condition(arm, ten(right, tokens, 9)) for arm, (tokens, right) in arms.items()))["lengths"].figure
    points = {series.name: (series.x[0], series.y[0]) for series in figure.series if series.bars}
    assert points == {
        "control": (100, pytest.approx(2 / 3)),
        "placebo": (110, pytest.approx(1 / 3)),
        "at most 20 words": (20, pytest.approx(1 / 3)),
    }
    (star,) = [series for series in figure.series if series.name == "from control"]
    assert star.x == [100, 110, 100, 20]
    (frontier,) = (series for series in figure.series if series.name == "frontier")
    assert frontier.x == [20, 100]


def test_every_condition_is_held_against_its_control_and_corrected_for_being_one_of_several():
    better = condition("brief", ten([1, 1], 20, 9))
    rows = findings(condition("control", ten([0, 1], 40, 30)), better, condition("direct", ten([0, 1], 40, 9)))["effects"]
    (brief, direct) = rows.details["table"]["rows"]
    assert brief[:4] == ["at most 20 words", "10", "50% [50%, 50%]", "+0.50 [+0.50, +0.50]"]
    assert float(brief[4]) == pytest.approx(2 / 2**10, abs=2e-3)  # ten signs that all agree
    assert float(brief[5]) == pytest.approx(2 * float(brief[4]), abs=1e-3)
    assert direct[3:] == ["0.00 [0.00, 0.00]: no clear difference", "1.000", "1.000"]


def test_the_slope_chart_has_a_line_for_each_model_over_the_conditions():
    cells = [condition(arm, ten([1, 0], 40, 30), model) for model in ("m1", "m2") for arm in ("control", "brief")]
    figure = findings(*cells)["slopes"].figure
    assert figure.x_labels == ["control", "at most 20 words"]
    assert [(line.name, line.x, line.y, line.n) for line in figure.series] == [(m, [0, 1], [0.5, 0.5], 10) for m in ("m1", "m2")]


@pytest.mark.parametrize("n", [1, 3, 5])
def test_too_few_problems_for_an_interval_are_refused_with_the_number_that_would_do(n):
    with pytest.raises(InvalidInput, match="take at least 6"):
        study().check_problems(n)


def test_six_problems_are_enough_to_begin():
    study().check_problems(6)
