"""Passes until a rule with exceptions is learned: the ratio, who never learns, and the curve."""

import dataclasses

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.models import Dataset, Run
from experiments.reports.findings import refresh
from experiments.runner.planning import create_run
from experiments.sources.base import sources
from experiments.studies.base import studies
from tests.factories import make_experiment, make_language_model, make_variant
from tests.runner.working import work_until_idle
from tests.studies.compared_conditions import cell, found


def study(**options):
    return studies.build("learning_labels", {"passes": 8, **options})


def learners(key: str, after: list[int | None], words: float = 2.0, failed: tuple[int, ...] = ()):
    """One learner each, half right until the perfect pass; None never learns within 8."""
    condition = cell(key, [1] * len(after))
    traces = [
        {
            "accuracy": [0.5] * (n - 1) + [1.0] if n else [0.5] * 8,
            "learned_after": n,
            "failed": "gone" if i in failed else "",
            "words": words,
        }
        for i, n in enumerate(after)
    ]
    outcomes = [dataclasses.replace(each, trace=trace) for each, trace in zip(condition.outcomes, traces, strict=True)]
    return dataclasses.replace(condition, outcomes=outcomes)


def test_both_ways_learn_with_the_same_number_of_passes():
    direct, steps = study(grammar=['root ::= "A" | "B"']).lay_out(["m"], ["v"], Decoding())
    assert direct.strategy == steps.strategy == Plugin("learn_labels", {"passes": 8})
    assert (direct.treatment.name, steps.treatment.name) == ("direct_answer", "step_by_step")
    assert (direct.decoding.grammar, steps.decoding.grammar) == (('root ::= "A" | "B"',), ())


def test_too_few_learners_are_refused():
    with pytest.raises(InvalidInput, match="take at least 6"):
        study().check_problems(5)


def test_the_ratio_is_of_mean_passes_and_who_never_learns_counts_with_all():
    finding = found(study(), learners("direct", [1, 2, 3] * 4), learners("steps", [4, 6, None] * 4))["headline"]
    assert finding.estimates["direct answer"].value == 2
    assert finding.estimates["step by step"].value == 6
    assert finding.estimates["ratio"].value == 3
    assert finding.estimates["ratio"].low > 1
    assert "100% learned with direct answers and 67% step by step" in finding.sentence
    assert "no clear difference" not in finding.sentence


def test_equal_learners_show_no_clear_difference():
    finding = found(study(), learners("direct", [1, 2, 3] * 4), learners("steps", [3, 2, 1] * 4))["headline"]
    assert finding.estimates["ratio"].value == 1
    assert "no clear difference" in finding.sentence


def test_the_curve_stays_at_one_after_the_perfect_pass():
    figure = found(study(), learners("direct", [1, 3] * 4), learners("steps", [None] * 8))["curve"].figure
    direct, steps = figure.series
    assert direct.y == [0.75, 0.75, *[1.0] * 6]
    assert steps.y == [0.5] * 8


def test_learners_whose_model_failed_are_left_out():
    finding = found(study(), learners("direct", [2] * 8, failed=(0, 1)), learners("steps", [4] * 8))["headline"]
    assert finding.estimates["ratio"].n == 6


def test_what_was_not_learned_from_objects_says_nothing_yet():
    finding = found(study(), cell("direct", [1] * 6), cell("steps", [1] * 6))["headline"]
    assert finding.sentence == "No learner is finished both ways yet."


@pytest.mark.django_db(transaction=True)
def test_a_study_of_learning_runs_from_its_plan_to_its_findings():
    options = {"learners": 6}
    drafts = sources.build("label_exceptions", options).problems()
    experiment = make_experiment(
        study="learning_labels",
        study_params={"passes": 2},
        dataset=Dataset.objects.store("garages", drafts, source="label_exceptions", source_params=options),
        language_models=[make_language_model(answers=["A", "B"], rules={"Think step by step": ["I think. Answer: A"]})],
        variants=[make_variant("{{ question }}")],
        grader="multiple_choice",
    )
    run = create_run(experiment, None)
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    refresh(run.pk)
    finding = {each.key: each for each in run.findings.all()}
    assert finding["checks"].estimates["step by step: words"]["value"] == 4
    assert finding["headline"].estimates["step by step"]["value"] == 2
    assert set(finding) >= {"headline", "curve", "checks"}
