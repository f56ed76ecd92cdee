"""Each study of the family from its plan to its findings, on a scripted model."""

import pytest

from experiments.models import Dataset, Run
from experiments.reports.findings import refresh
from experiments.runner.planning import create_run
from experiments.sources.base import sources
from tests.factories import make_dataset, make_experiment, make_language_model, make_variant
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = ["Yes, it is so. The answer is 3.", "No. It is not so, as one sees. The answer is 4."]


def of_source(name: str, **options) -> Dataset:
    return Dataset.objects.store(name, sources.build(name, options).problems(), source=name, source_params=options)


CASES = {
    "brevity": ({"n": 2}, lambda: make_dataset(6), {"headline", "lengths", "slopes", "compliance", "contamination"}),
    "concise_hint": ({"interval_tokens": 4}, lambda: make_dataset(6), {"headline", "settings", "hints", "difficulty"}),
    "step_length": ({"levels": [-1, 0, 2]}, lambda: make_dataset(6), {"headline", "accuracy", "levels", "manipulation"}),
    "cot_or_direct": (
        {},
        lambda: of_source("artificial_grammar", grammars=3, per_grammar=2),
        {"headline", "forest", "checks", "by_length"},
    ),
    "cdct": ({}, lambda: of_source("concepts"), {"headline", "levels", "lengths", "jury", "orthogonality"}),
}


@pytest.mark.parametrize("study", CASES)
def test_a_study_runs_from_its_plan_to_its_findings(study):
    params, dataset, keys = CASES[study]
    experiment = make_experiment(
        study=study,
        study_params=params,
        dataset=dataset(),
        language_models=[make_language_model(answers=ANSWERS)],
        variants=[make_variant("{{ question }}")],
        grader="exact" if study == "cdct" else "numeric",
    )
    run = experiment_run(experiment)
    refresh(run.pk)
    found = dict(run.findings.values_list("key", "sentence"))
    assert keys <= set(found)
    assert all(sentence.endswith(".") for sentence in found.values())
    assert run.attempts.exclude(state="done").count() == 0


def experiment_run(experiment) -> Run:
    run = create_run(experiment, None)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    return run
