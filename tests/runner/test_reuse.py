"""An experiment may take answers that an earlier run was given to the same requests: shown, free, and never one for two."""

import pytest

from experiments.models import Call, Run
from tests.factories import make_run
from tests.runner.paying import COST, check_books, make_paid_experiment
from tests.runner.working import work_until_idle
from tests.servers.threads import answering, served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    with served(answering()) as server:
        yield server


def finished(experiment) -> Run:
    run = make_run(experiment)
    work_until_idle()
    check_books(run)
    assert run.state == Run.State.COMPLETED
    return run


def test_a_run_again_asks_nothing_and_every_draw_keeps_its_own_answer(server):
    experiment = make_paid_experiment(server, n=4, problems=3, repeats=2, reuses_answers=True)
    first, second, third = finished(experiment), finished(experiment), finished(experiment)
    assert (first.n_reused, first.n_calls, first.cost) == (0, 24, 24 * COST)
    for again in (second, third):
        assert (again.n_samples, again.n_reused, again.n_calls, again.cost) == (24, 24, 0, 0)
        assert (again.prompt_tokens, again.completion_tokens) == (0, 0)
        origins = list(again.samples.values_list("reused_from", flat=True))
        assert sorted(origins) == sorted(first.samples.values_list("pk", flat=True)), "each answer once"
        assert set(again.samples.values_list("cost", "n_calls", "completion_tokens")) == {(0, 0, 3)}
        assert again.n_correct == first.n_correct
    for copy in second.samples.select_related("reused_from"):
        assert (copy.seed, copy.request_hash) == (copy.reused_from.seed, copy.reused_from.request_hash)
    assert Call.objects.count() == 24


def test_only_what_is_new_is_asked(server):
    experiment = make_paid_experiment(server, n=2, problems=3, max_problems=2, reuses_answers=True)
    finished(experiment)
    experiment.max_problems = None
    experiment.save()
    run = finished(experiment)
    assert (run.n_samples, run.n_reused, run.n_calls) == (6, 4, 2)


def test_another_seed_another_setting_or_no_consent_asks_again(server):
    experiment = make_paid_experiment(server, n=2, problems=1, reuses_answers=True)
    finished(experiment)
    experiment.reuses_answers = False
    assert finished(experiment).n_reused == 0
    experiment.reuses_answers, experiment.seed = True, 8
    assert finished(experiment).n_reused == 0
    experiment.seed = 7
    entry = experiment.language_models.get()
    entry.params["model"] = "another"
    entry.save()
    assert finished(experiment).n_reused == 0


def test_failed_samples_are_asked_again(server):
    experiment = make_paid_experiment(server, n=2, problems=1, reuses_answers=True)
    finished(experiment).samples.update(finish_reason="failed")
    run = finished(experiment)
    assert (run.n_reused, run.n_calls) == (0, 2)
