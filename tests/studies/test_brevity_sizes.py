"""What size does, and whether answers look recited."""

import numpy as np
import pytest

from tests.studies.brevity_pools import condition, findings, pool, ten


def sized(**right):
    """Conditions of a small and a large model, or more, by (parameters, control, brief)."""
    return [
        condition(arm, ten(samples, 50, 40), model, size)
        for model, (size, *both) in right.items()
        for arm, samples in zip(("control", "brief"), both, strict=True)
    ]


def test_sizes_are_told_only_where_they_are_known_and_two():
    found = findings(*sized(one=(10, [1, 0], [1, 0])))
    assert "two known sizes" in found["sizes"].sentence
    assert "scale" not in found


def test_problems_are_picked_on_even_samples_and_measured_on_odd_ones():
    # The small model is right on the even samples and wrong on the odd ones; the large one the other way round.
    sizes = findings(*sized(small=(1, [1, 0], [1, 1]), large=(9, [0, 1], [1, 1])))["sizes"]
    assert sizes.details["classes"] == {"ceiling": 0, "floor": 0, "inverse": 10, "normal": 0, "weak": 0}
    assert sizes.estimates["inverse problems: small − large, control"].value == -1.0
    assert "That is no reversal." in sizes.sentence
    assert sizes.figure.x_labels[2] == "inverse"
    assert sizes.figure.series[0].y == [0, 0, 1, 0, 0]
    assert sizes.figure.series[0].low[2] == pytest.approx(0.722, abs=1e-3)  # Wilson for 10 of 10


def test_the_scale_curve_has_a_line_for_each_condition_on_all_and_on_inverse_problems():
    scale = findings(*sized(small=(1, [1, 0], [1, 1]), large=(100, [0, 1], [1, 0])))["scale"]
    lines = {line.name: (line.x, line.y) for line in scale.figure.series}
    assert lines == {
        "control, all problems": ([1, 100], [0.5, 0.5]),
        "control, inverse problems": ([1, 100], [0, 1]),
        "at most 20 words, all problems": ([1, 100], [1, 0.5]),
        "at most 20 words, inverse problems": ([1, 100], [1, 0]),
    }
    assert scale.estimates["control, inverse problems: r"].value == pytest.approx(1)
    assert scale.estimates["at most 20 words, inverse problems: r"].value == pytest.approx(-1)
    assert "takes at least 3 sizes; here are 2" in scale.sentence


def test_three_sizes_have_a_best_one():
    scale = findings(*sized(s=(1e6, [0, 0], [0, 0]), m=(1e8, [1, 1], [1, 1]), l=(1e10, [0, 0], [0, 0])))["scale"]
    assert scale.estimates["control, all problems: best size"].value == 1e8


def test_answers_that_repeat_across_models_are_told():
    cells = []
    for model, wording in (("m1", 5), ("m2", 5), ("m3", 6)):
        pools = [pool(f"p{i}", [1, 0], 9, [4, 12], wordings=np.array([wording, 7])) for i in range(8)]
        cells += [condition("control", pools, model), condition("brief", pools, model)]
    found = findings(*cells)["contamination"].estimates
    assert found["distinct answers across models"].value == pytest.approx(2 / 3)
    words = np.array([4, 12] * 3)
    assert found["variation of length"].value == pytest.approx(words.std(ddof=1) / words.mean())


def test_right_answers_that_were_left_behind_are_counted_among_the_wrong_ones_of_the_larger_models():
    def cells(model, size, left):
        pools = [pool(f"p{i}", [1, 0, 0], 9, 9, left_behind=np.array(left, bool)) for i in range(8)]
        return [condition(arm, pools, model, size) for arm in ("control", "brief")]

    found = findings(*cells("small", 1, [0, 0, 0]), *cells("large", 9, [0, 1, 0]))["contamination"]
    assert found.estimates["wrong answers that had named a right one"].value == 0.5
    assert "of the larger models" in found.sentence
    assert "lower bound of our own making" in found.sentence


def test_one_model_cannot_tell_whether_models_repeat_each_other():
    alone = [condition(arm, ten([1, 0], 9, 9)) for arm in ("control", "brief")]
    assert "from two language models on" in findings(*alone)["contamination"].sentence
