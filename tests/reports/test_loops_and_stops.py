"""From the rows of a run of loops and of strategies that stop early to what the study finds."""

from itertools import pairwise

import pytest

from experiments.models import Attempt, Grade, Run
from tests.factories import make_experiment, make_language_model, make_run
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)

STRATEGIES = {
    "heart": [{"depth": 3, "chains": 2, "schedule": schedule, "keeps": "synthesise"} for schedule in ("cycle", "neutral")],
    "repair_oracle": {"depth": 3},
    "adaptive_consistency": {"n": 8},
    "stop_at_score": {"n": 4, "score": -0.5},
}


def test_a_run_tells_what_its_loops_repaired_and_what_stopping_saved():
    script = make_language_model(answers=["The answer is 3.", "The answer is 4.", "The answer is 5.", "No idea."])
    study = {"strategies": list(STRATEGIES), "overrides": STRATEGIES, "pool_n": 8, "token_budgets": [100]}
    run = make_run(make_experiment(problems=8, language_models=[script], study="test_time_compute", study_params=study))
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    found = {finding.key: finding for finding in run.findings.all()}

    attempts = Attempt.objects.filter(run=run, condition__strategy="heart", condition__strategy_params__schedule="cycle")
    wrong, repaired = 0, 0
    for attempt in attempts:
        verdicts = dict(Grade.objects.filter(sample__attempt=attempt).values_list("sample__index", "verdict"))
        for chain in attempt.trace["chains"]:
            right = [verdicts[index] == "correct" for index in chain["answers"]]
            wrong += sum(not before for before in right[:-1])
            repaired += sum(not before and after for before, after in pairwise(right))
    (label,) = set(attempts.values_list("condition__label", flat=True))
    assert found["refinement"].estimates[f"{label}: correction rate"]["value"] == pytest.approx(repaired / wrong)
    (row,) = [row for row in found["refinement"].details["table"]["rows"] if row[0] == label]
    assert row[1:3] == ["8", str(wrong)]
    assert len(found["loops_compared"].estimates) == 1

    stops = Attempt.objects.filter(run=run, condition__strategy="adaptive_consistency")
    (label,) = set(stops.values_list("condition__label", flat=True))
    samples = found["stopping"].estimates[f"{label}: samples drawn"]
    drawn = [attempt.trace["drawn"] for attempt in stops]
    assert (samples["value"], samples["n"]) == (pytest.approx(sum(drawn) / 8), 8)
