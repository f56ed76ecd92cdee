"""A treated condition asks in other words; pages and rows tell which."""

import pytest

from experiments.models import Sample
from experiments.reports.attempt_samples import asked_question, rendered_prompt
from tests.factories import make_experiment, make_run
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_condition_is_asked_in_its_own_words():
    run = make_run(make_experiment(study="brevity", study_params={"words": 7, "n": 2}, problems=6))
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_samples) == ("completed", 48)
    first = run.attempts.filter(problem__key="p0")
    asked = {each.condition.key.rpartition("-")[2]: rendered_prompt(asked_question(run, each)) for each in first}
    assert asked["brief"][-1][1].endswith("\n\nAnswer in at most 7 words.")
    assert asked["placebo"][-1][1].endswith("\n\nThis question is one of several.")
    assert asked["control"][-1][1] == "What is 0 + 3 ="
    hashes = {sample.request_hash for sample in Sample.objects.filter(attempt__problem__key="p0")}
    assert len(hashes) == 4
    assert run.findings.get(key="headline").sentence.startswith("Asking for at most 7 words")
