"""The design of a brevity study and what it reads out of pools, against numbers worked by hand."""

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.statistics.pools import Pool
from experiments.studies.base import ConditionPools, Setting, studies


def study(**options):
    return studies.build("brevity", options)


def pool(problem: str, correct: list[int], tokens: int, words: int, truncated: list[int] | None = None) -> Pool:
    n = len(correct)
    return Pool(
        problem,
        np.where(correct, 0, 1),
        np.array(correct, bool),
        np.full(n, tokens),
        words=np.full(n, words),
        sentences=np.full(n, 2),
        truncated=np.array(truncated or [0] * n, bool),
    )


def condition(arm: str, pools: list[Pool], model: str = "model1", n_parameters: int | None = None) -> ConditionPools:
    setting = Setting(model, "v", Decoding(), Plugin("pool"), "Pool", is_pool=True, uses_oracle=False, n_parameters=n_parameters)
    return ConditionPools(f"{model}-variant1-{arm}", f"{model}, {arm}", pools, 9, (), setting)


def findings(*conditions, **options):
    return {found.key: found for found in study(**options).findings(conditions, np.random.default_rng(0))}


def ten(correct: list[int], tokens: int, words: int) -> list[Pool]:
    return [pool(f"p{i}", correct, tokens, words) for i in range(10)]


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


def test_an_answer_that_was_cut_off_neither_keeps_the_limit_nor_breaks_it():
    brief = [pool("a", [1, 0, 0], 10, 15, [0, 1, 0]), pool("b", [1, 0, 0], 10, 30, [0, 0, 1])]
    control = [pool("a", [1, 0, 0], 50, 40), pool("b", [1, 0, 0], 50, 40)]
    numbers = findings(condition("control", control), condition("brief", brief))["compliance"].estimates
    assert numbers["at most 20 words: within the limit"].value == 0.5
    assert numbers["at most 20 words: cut off"].value == pytest.approx(1 / 3)


def test_the_figure_joins_every_condition_to_its_control_and_marks_the_frontier():
    arms = {"control": (100, [1, 1, 0]), "placebo": (110, [1, 0, 0]), "brief": (20, [1, 0, 0])}
    figure = findings(*(condition(arm, ten(right, tokens, 9)) for arm, (tokens, right) in arms.items()))["lengths"].figure
    points = {series.name: (series.x[0], series.y[0]) for series in figure.series if series.bars}
    assert points == {
        "control": (100, pytest.approx(2 / 3)),
        "placebo": (110, pytest.approx(1 / 3)),
        "at most 20 words": (20, pytest.approx(1 / 3)),
    }
    arrows = [series for series in figure.series if series.name == "from control"]
    assert [(series.x[0], series.x[1]) for series in arrows] == [(100, 110), (100, 20)]
    (frontier,) = (series for series in figure.series if series.name == "frontier")
    assert frontier.x == [20, 100]


def test_sizes_are_told_only_where_they_are_known_and_two():
    one = (condition("control", ten([1, 0], 50, 40), n_parameters=10), condition("brief", ten([1, 0], 20, 9), n_parameters=10))
    assert "two known sizes" in findings(*one)["sizes"].sentence


def test_problems_are_picked_on_even_samples_and_measured_on_odd_ones():
    # The small model is right on the even samples and wrong on the odd ones; the large one the other way round.
    conditions = []
    for model, size, control, brief in (("small", 1, [1, 0], [1, 1]), ("large", 9, [0, 1], [1, 1])):
        conditions.append(condition("control", ten(control, 50, 40), model, size))
        conditions.append(condition("brief", ten(brief, 20, 9), model, size))
    sizes = findings(*conditions)["sizes"]
    assert sizes.details["classes"] == {"ceiling": 0, "floor": 0, "inverse": 10, "normal": 0, "weak": 0}
    assert sizes.estimates["inverse problems: small − large, control"].value == -1.0
    assert "That is no reversal." in sizes.sentence
