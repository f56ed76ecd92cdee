"""The design of a format study and what it reads out of pools, against numbers worked by hand."""

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding
from experiments.statistics.pools import Pool
from experiments.studies.base import ConditionPools, studies
from experiments.studies.format_spread_shown import side_by_side

GREEDY = Decoding(temperature=0)


def study(**options):
    return studies.build("format_spread", {"n_formats": 4, "n_paths": 0, **options})


def pool(problem: str, right: float, other: bool = False) -> Pool:
    details = [{"kind": "other"} if other else {}]
    return Pool(problem, np.array([0]), np.array([bool(right)]), np.array([3]), grading=details)


def condition(key: str, right: list[float], model: str = "model1", label: str = "m", other: int = 0) -> ConditionPools:
    """The problems p0, p1, ... in order; the last `other` of them were answered with none of the options."""
    pools = [pool(f"p{i}", each, i >= len(right) - other) for i, each in enumerate(right)]
    return ConditionPools(f"{model}-variant1-{key}", f"{label}, format {key[1:]}", pools, len(right))


def findings(*conditions, **options):
    return {found.key: found for found in study(**options).findings(conditions, np.random.default_rng(0))}


def rates(n: int, **by_format: int) -> list[ConditionPools]:
    """Formats that are right on the first so many of n problems."""
    return [condition(key, [1] * right + [0] * (n - right)) for key, right in by_format.items()]


def test_every_format_is_a_condition_of_every_model_with_the_original_first():
    asked = study(n_paths=2, shots=3)
    cells = asked.lay_out(["m1", "m2"], ["v"], GREEDY)
    of_first = [cell.key for cell in cells if cell.language_model == "m1"]
    assert of_first[:5] == [f"model1-variant1-f{i}" for i in range(5)]
    assert len(of_first) == 5 + len(asked.formats.changed)
    assert [cell.key.replace("model2", "model1") for cell in cells if cell.language_model == "m2"] == of_first
    assert cells[0].label == "m1, original format"
    assert cells[0].treatment.params["format"] == asked.grammar.original.model_dump(mode="json")
    assert cells[0].treatment.params["shots"] == 3
    assert {cell.strategy.params["n"] for cell in cells} == {1}


def test_a_path_changes_one_constant_and_then_another():
    formats = study(n_formats=10, n_paths=12).formats
    assert len(formats.paths) >= 11
    constants = []
    for first, second in formats.paths:
        assert first.after == second.before
        for step in (first, second):
            before, after = (formats.all[key].model_dump() for key in (step.before, step.after))
            assert [name for name in before if before[name] != after[name]] == [step.constant]
            constants.append(step.constant)
    assert set(constants) == set(study().grammar.free_choices), "every constant has its turn"


def test_the_same_seed_gives_the_same_formats_and_another_one_others():
    assert study(n_paths=3).formats == study(n_paths=3).formats
    assert study(seed=1).formats.sampled != study().formats.sampled


def test_three_problems_are_refused_with_the_number_that_would_do():
    with pytest.raises(InvalidInput, match=r"3 problems are too few for intervals .* Take at least 12, .* about 390 tell"):
        study().check_problems(3)
    study().check_problems(12)
    with pytest.raises(InvalidInput, match="Take at least 30"):
        study(held_out=0.2).check_problems(29)


def test_a_budget_that_pays_for_one_direction_only_is_refused():
    with pytest.raises(InvalidInput, match="does not pay"):
        study(mode="thompson", budget=9, pull=5)


def test_the_headline_tells_the_spread_beside_the_one_by_chance():
    found = findings(*rates(40, f0=36, f1=20, f2=20, f3=4))["headline"]
    assert found.sentence.startswith(
        "Accuracy spreads over 80 points between 4 formats on 40 problems, from 0.10 to 0.90 (mean 0.50 ["
    )
    assert ", median 0.50, quartiles 0.40 and 0.60)" in found.sentence
    assert "points are beyond that (p = 0.001)" in found.sentence
    numbers = found.estimates
    assert numbers["spread"].value == pytest.approx(0.8)
    assert numbers["spread beyond chance"].value == pytest.approx(0.8 - numbers["95th percentile by chance"].value)
    assert numbers["mean over formats"].value == pytest.approx(80 / 160)


def test_formats_that_are_right_on_other_problems_as_often_have_no_clear_effect():
    rng = np.random.default_rng(1)
    found = findings(*(condition(f"f{i}", (rng.random(60) < 0.5).astype(float).tolist()) for i in range(5)))
    assert "no clear effect of the format" in found["headline"].sentence


def test_two_formats_are_no_spread_yet():
    assert set(findings(*rates(40, f0=36, f1=20))) == {"headline"}
    assert "there is no spread" in findings(*rates(40, f0=36, f1=20))["headline"].sentence


def test_the_best_and_the_worst_are_measured_on_problems_that_did_not_pick_them():
    asked = study()
    picking, measuring = asked.split.halves([f"p{i}" for i in range(40)])
    assert (len(picking), len(measuring)) == (20, 20)
    # f1 is right where it picks and wrong where it measures; f2 the other way round.
    right = {
        "f0": dict.fromkeys(picking[:10], 1) | dict.fromkeys(measuring[:10], 1),
        "f1": dict.fromkeys(picking, 1),
        "f2": dict.fromkeys(measuring, 1),
    }
    conditions = [condition(key, [each.get(f"p{i}", 0) for i in range(40)]) for key, each in right.items()]
    found = findings(*conditions)["extremes-model1-variant1"]
    assert found.estimates["difference, held out"].value == -1
    assert "the best is format 1 and the worst format 2. On the other 20 problems" in found.sentence
    assert [side["title"] for side in found.details["side_by_side"]] == ["Best: format 1", "Worst: format 2"]


def test_side_by_side_marks_what_differs_with_its_blanks_written_out():
    left, right = side_by_side(("a", "b"), ("Question: x\nAnswer: ", "Question:: x\nAnswer:\t"))
    assert left["stretches"] == [
        {"text": "Question:", "differs": False},
        {"text": " x\nAnswer:", "differs": False},
        {"text": "␣", "differs": True},
    ]
    assert right["stretches"] == [
        {"text": "Question:", "differs": False},
        {"text": ":", "differs": True},
        {"text": " x\nAnswer:", "differs": False},
        {"text": "⇥\t", "differs": True},
    ]


def test_answers_that_are_none_of_the_options_are_told_apart_from_wrong_ones():
    conditions = [condition("f0", [1] * 20), condition("f1", [1] * 15 + [0] * 5, other=5), condition("f2", [0] * 20)]
    found = findings(*conditions)["other"]
    assert found.estimates["other"].value == pytest.approx(5 / 60)
    assert "under format 1 it is 25%" in found.sentence
    assert found.figure.series[0].y == [0, 0.25, 0]


def test_the_strip_is_sorted_and_lies_on_its_band():
    figure = findings(*rates(40, f0=10, f1=30, f2=20))["strip"].figure
    band, points = figure.series
    assert points.y == [0.25, 0.5, 0.75]
    assert points.n == 40
    assert all(low <= middle <= high for low, middle, high in zip(band.low, band.y, band.high, strict=True))


def test_single_changes_are_tested_on_the_same_problems():
    asked = study(n_formats=3, n_paths=1)
    (first, second), *_ = asked.formats.paths
    right = {key: 20 for key in asked.formats.all} | {first.after: 32, second.after: 36}
    found = findings(*rates(40, **right), n_formats=3, n_paths=1)
    assert found["changes"].estimates["share that moves accuracy by 5 points"].value == 1
    row, _ = found["changes"].details["folded"]["table"]["rows"]
    assert row[0] == first.constant.replace("_", " ")
    assert row[2] == "+0.30"
    # 12 problems won and none lost: 2 * 0.5^12 - 0.5^12.
    assert row[5] == f"{0.5**12:.3f}"
    assert found["paths"].estimates["monotone paths"].value == 1


def test_models_are_compared_on_the_same_formats():
    by_model = {"model1": (10, 20, 30, 35, 5), "model2": (9, 22, 28, 33, 4), "model3": (30, 20, 10, 5, 35)}
    conditions = [
        condition(f"f{i}", [1] * right + [0] * (40 - right), model, model)
        for model, rights in by_model.items()
        for i, right in enumerate(rights)
    ]
    found = findings(*conditions)["models"]
    assert found.estimates["model1 and model2: rank correlation"].value == pytest.approx(1)
    assert found.estimates["model1 and model3: rank correlation"].value == pytest.approx(-1)
    # model1 leads under f2 and f3 and model3 under f0 and f4, more than 2 points each; under f1 they are equal.
    assert found.estimates["model1 and model3: reversals"].value == pytest.approx(4 / 10)
    assert found.figure.values[0] == [None, pytest.approx(1), pytest.approx(-1)]
    assert found.figure.around_zero


def test_a_run_that_goes_on_is_read_from_the_formats_that_are_nearly_done():
    conditions = [*rates(40, f0=20, f1=30, f2=10), condition("f3", [1, 1, 1])]
    assert "between 3 formats on 40 problems" in findings(*conditions)["headline"].sentence
