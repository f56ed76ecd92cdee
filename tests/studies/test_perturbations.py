"""The design of a study of perturbed questions, and its findings against numbers worked by hand."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.studies.base import studies
from tests.studies.compared_conditions import cell, found

OPTIONS = {"operations": ["swap", "homophone", "verbose"], "rates": [10, 40], "mixes": ["swap + homophone"], "n": 1}


def study(**options):
    return studies.build("perturbations", OPTIONS | options)


def test_every_operation_is_a_condition_at_every_rate_and_sentences_once():
    cells = study().lay_out(["m"], ["v"], Decoding())
    assert [(each.key, each.label) for each in cells] == [
        ("model1-variant1-control", "clean"),
        ("model1-variant1-repeat", "clean, a second time"),
        ("model1-variant1-neutral", "neutral sentence"),
        ("model1-variant1-swap_10", "swap 10%"),
        ("model1-variant1-swap_40", "swap 40%"),
        ("model1-variant1-homophone_10", "homophone 10%"),
        ("model1-variant1-homophone_40", "homophone 40%"),
        ("model1-variant1-verbose", "verbose"),
        ("model1-variant1-mix1", "swap + homophone 40%"),
    ]
    assert cells[1].treatment is None
    assert cells[3].treatment == Plugin("perturbation", {"operations": ["swap"], "rate": 10})
    assert cells[-1].treatment == Plugin("perturbation", {"operations": ["swap", "homophone"], "rate": 40})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rates": [0]}, "Rates"),
        ({"rates": []}, "Rates"),
        ({"rates": [10, 10]}, "there twice"),
        ({"mixes": ["swap"]}, "is no mix"),
        ({"mixes": ["swap + swap"]}, "is no mix"),
        ({"mixes": ["swap + synonym"]}, "among the operations"),
        ({"operations": ["upside_down"]}, "Operations"),
    ],
)
def test_designs_that_make_no_sense_are_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        study(**options)


def test_too_few_problems_and_greedy_repeats_are_refused():
    with pytest.raises(InvalidInput, match="take at least 6"):
        study().check_problems(5)
    study().check_problems(6)
    with pytest.raises(InvalidInput, match="temperature 0"):
        study(n=2).lay_out(["m"], ["v"], Decoding(temperature=0))


CLEAN = [1] * 8 + [0] * 2
NOISY = {
    "control": CLEAN,
    "repeat": CLEAN,
    "swap_10": CLEAN,
    "swap_40": [1] * 4 + [0] * 6,  # costs 0.4
    "homophone_40": [1] * 6 + [0] * 4,  # costs 0.2
    "mix1": [0] * 10,  # costs 0.8, so 0.2 beyond the sum
}


def findings(model: str = "m"):
    return found(study(), *(cell(key, right, model=model) for key, right in NOISY.items()))


def test_the_headline_names_the_costliest_noise_and_what_chance_alone_does():
    told = findings()["headline"]
    assert "Costliest of 4: swap + homophone 40%: accuracy 0.80 → 0.00 on 10 problems" in told.sentence
    assert "The same prompt a second time: 0.00 [0.00, 0.00]: no clear difference." in told.sentence
    assert told.estimates["mean change of accuracy"].value == pytest.approx((0 - 0.4 - 0.2 - 0.8) / 4)
    assert told.estimates["swap + homophone 40%: relative drop"].value == 1


def test_the_relative_drop_is_the_share_of_the_clean_accuracy():
    rows = {row[0]: row for row in findings()["effects"].details["table"]["rows"]}
    assert rows["swap 40%"][4].startswith("50% [")
    assert rows["homophone 40%"][4].startswith("25% [")


def test_lines_begin_at_the_clean_prompt():
    lines = {series.name: (series.x, series.y) for series in findings()["rates"].figure.series}
    assert lines == {"swap": ([0, 10, 40], [0.8, 0.8, 0.4]), "homophone": ([0, 40], [0.8, pytest.approx(0.6)])}


def test_a_mix_is_held_against_the_sum_of_its_parts():
    beyond = findings()["interaction"].estimates["swap + homophone 40%: interaction"]
    assert beyond.value == pytest.approx(0.8 - 0.4 - 0.2)
    assert beyond.n == 10


def test_operations_by_model_are_a_heat_map_with_gaps_where_nothing_ended():
    figure = findings()["map"].figure
    assert figure.y_labels == ["swap 10%", "swap 40%", "homophone 10%", "homophone 40%", "verbose", "swap + homophone 40%"]
    assert [row[0] for row in figure.values] == [0, pytest.approx(0.5), None, pytest.approx(0.25), None, 1]


def test_models_are_ranked_by_mean_and_by_worst_case():
    weak = [cell("control", [1] * 10, model="a"), cell("swap_40", [1] * 5 + [0] * 5, model="a")]
    # b is better on the mean and worse in the worst case.
    strong = [cell("control", [1] * 10, model="b"), cell("swap_40", [0] * 10, model="b"), cell("verbose", [1] * 10, model="b")]
    both = found(study(), *weak, *strong, cell("swap_10", [1] * 10, model="b"))
    assert both["models"].sentence.endswith("differs from that by their mean.")
    assert both["models"].details["table"]["rows"][1][:2] == ["b", "10"]
    assert both["models"].details["table"]["rows"][1][3:] == ["0.00 (swap 40%)", "1.00 (swap 10%)"]


def test_without_a_shared_problem_nothing_is_claimed():
    assert set(found(study(), cell("control", []), cell("swap_10", []))) == {"headline"}
