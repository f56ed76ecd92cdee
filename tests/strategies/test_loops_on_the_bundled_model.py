"""Every loop and every adaptive strategy, once, on the real engine, with what the study makes of them."""

import pytest

from experiments.models import Attempt, LanguageModel, Run, Sample
from tests.factories import make_experiment, make_run
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)

SMALL = {
    "heart": {"depth": 2},
    "heart_oracle": {"depth": 2},
    "repair": {"depth": 2},
    "repair_oracle": {"depth": 2},
    "self_refine": {"depth": 2},
    "adaptive_consistency": {"n": 3},
    "stop_at_score": {"n": 2},
    "restart_question": {"n": 2},
    "early_pruning": {"n": 2, "tokens": 4},
}


def test_all_of_them_end_with_an_outcome_and_their_findings():
    bundled = LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"slots": 8})
    study = {"strategies": list(SMALL), "overrides": SMALL, "pool_n": 2}
    experiment = make_experiment(
        problems=1,
        language_models=[bundled],
        study="test_time_compute",
        study_params=study,
        decoding={"max_tokens": 8, "temperature": 0.8},
    )
    run = make_run(experiment)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason, run.n_samples_failed) == (Run.State.COMPLETED, "", 0)
    attempts = Attempt.objects.filter(run=run, condition__strategy__in=SMALL).select_related("condition", "chosen")
    assert {attempt.condition.strategy for attempt in attempts} == set(SMALL)
    for attempt in attempts:
        assert attempt.chosen.grades.exists(), attempt.condition.strategy
        assert attempt.trace["tokens"] > 0
    judged = Sample.objects.filter(run=run, attempt__condition__strategy="restart_question", purpose="judge")
    assert all(sample.parent.purpose == "answer" for sample in judged)
    pruned = Attempt.objects.filter(run=run, condition__strategy="early_pruning")
    assert all(attempt.samples.exclude(prefix="").exists() for attempt in pruned)
    found = {finding.key: finding for finding in run.findings.all()}
    assert {"refinement", "refinement_replies", "stopping"} <= set(found)
    assert "heart oracle, depth 2: " in found["refinement"].sentence
    assert all(finding.estimates is not None for finding in found.values())
