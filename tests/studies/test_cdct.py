"""Rule and content by level: U-shape, lengths, the jury, and how both go together."""

import numpy as np
import pytest

from experiments.domain.concept_rules import LEVELS, key_of
from experiments.domain.types import Decoding
from experiments.statistics.pools import Pool
from experiments.studies.base import ConditionPools, studies

AXES = ("concept_scope", "concept_accuracy", "concept_completeness")


def condition(words: dict[float, int], scores=lambda concept, level, axis, judge: 0.5, judges: int = 3, model: str = "m"):
    """Three concepts; `words` by level are those of the answers."""
    pools = [
        Pool(
            key_of(concept, level),
            np.array([-1]),
            np.array([False]),
            np.array([n]),
            {f"{axis}-{judge:012x}": np.array([scores(concept, level, axis, judge)]) for axis in AXES for judge in range(judges)},
            words=np.array([n]),
        )
        for concept in ("a", "b", "c")
        for level, n in words.items()
    ]
    return ConditionPools(f"{model}-variant1", model, pools, len(pools))


def found(*conditions):
    return {each.key: each for each in studies.build("cdct").findings(conditions, np.random.default_rng(0))}


SHORT = dict.fromkeys(LEVELS, 10)


def test_one_condition_for_each_model_and_variant():
    cells = studies.build("cdct").lay_out(["m1", "m2"], ["v"], Decoding())
    assert [cell.label for cell in cells] == ["m1", "m2"]
    assert studies.build("cdct").lay_out(["m1"], ["v"], Decoding())[0].label == "m1"


def test_a_rule_that_is_broken_at_half_length_makes_a_u():
    # 100 words at half length are twice the limit of 50: half kept.
    finding = found(condition({**SHORT, 0.5: 100}, judges=0))["headline"]
    assert finding.estimates["U-shape"].value == 1
    assert finding.estimates["magnitude"].value == pytest.approx(0.5)
    assert finding.estimates["U-shape"].n == 3
    assert found(condition(SHORT, judges=0))["headline"].estimates["U-shape"].value == 0


def test_lengths_stand_beside_the_limit_that_everybody_is_told():
    rows = found(condition({**SHORT, 0.5: 100}))["lengths"].details["table"]["rows"]
    assert [row[:2] for row in rows] == [["0", "20"], ["0.25", "20"], ["0.5", "50"], ["0.75", "none"], ["1", "none"]]
    assert rows[2][3].startswith("0.50")


def test_a_jury_of_two_is_refused_with_the_number_that_would_do():
    sentence = found(condition(SHORT, judges=2))["jury"].sentence
    assert "Judges: “concept_scope” 2, “concept_accuracy” 2, “concept_completeness” 2. A jury takes at least 3" in sentence
    assert found(condition(SHORT, judges=2))["jury"].estimates == {}


def test_judges_whose_replies_cannot_be_read_are_told_from_judges_that_are_not_there():
    sentence = found(condition(SHORT, lambda *_: np.nan))["jury"].sentence
    assert "“concept_scope” 0 (and 3 whose replies could not be read)" in sentence


def test_a_jury_of_three_has_kappa_and_alpha():
    def scores(concept, level, axis, judge):
        return {"a": 0.1, "b": 0.5, "c": 0.9}[concept] + (0.01 * judge if axis != "concept_accuracy" else 0)

    estimates = found(condition(SHORT, scores))["jury"].estimates
    assert estimates["accuracy: Fleiss kappa"].value == 1
    assert estimates["accuracy: Krippendorff alpha"].value == 1
    assert 0.9 < estimates["scope: Krippendorff alpha"].value < 1
    assert estimates["scope: raw agreement"].value == 1
    assert estimates["scope: Fleiss kappa"].n == 15


def test_rule_and_content_that_rise_together_are_not_orthogonal():
    def scores(concept, level, axis, judge):
        return {"a": 0.1, "b": 0.5, "c": 0.9}[concept]

    estimates = found(condition(SHORT, scores))["orthogonality"].estimates
    assert estimates["level 0.5: pearson"].value == pytest.approx(1)
    assert estimates["all levels: spearman"].value == pytest.approx(1)


def test_without_judges_only_length_is_told():
    findings = found(condition(SHORT, judges=0))
    assert "there are none" in findings["orthogonality"].sentence
    assert [series.name for series in findings["levels"].figure.series] == ["rule kept"]


def test_other_problems_are_no_concepts():
    other = ConditionPools(
        "m-variant1", "m", [Pool("p0", np.array([0]), np.array([True]), np.array([3]), words=np.array([3]))], 1
    )
    assert "must come from the source" in found(other)["headline"].sentence
