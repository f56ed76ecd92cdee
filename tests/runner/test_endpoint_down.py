"""An endpoint that is down pauses its runs; they go on by themselves when it answers, unless a person paused them."""

import pytest

from experiments.models import Attempt, Run
from tests.factories import make_run
from tests.runner.paying import check_books, make_paid_experiment
from tests.runner.processes import wait_until
from tests.runner.working import at_work, work_until_idle
from tests.servers.misbehaving import status
from tests.servers.threads import answering, down_for, served

pytestmark = pytest.mark.django_db(transaction=True)

OPTIONS = {"failures_before_pause": 3, "pause_seconds": 0.4, "max_attempts": 6}


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def wait_for_automatic_pause(run: Run) -> Run:
    return wait_until(lambda: Run.objects.paused_for_a_while().filter(pk=run.pk).first())


def test_a_run_waits_for_its_endpoint_and_goes_on_by_itself():
    with served(down_for(0.7)) as server:
        run = make_run(make_paid_experiment(server, OPTIONS, n=4, problems=3))
        with at_work():
            paused = wait_for_automatic_pause(run)
            assert "is down: call after call failed" in paused.reason
            assert f"“m” at {server.base_url[7:-3]}" in paused.reason
            wait_until(lambda: fresh(run).state == Run.State.COMPLETED)
    check_books(run)
    assert (run.n_samples, run.n_samples_failed, run.reason, run.resume_at) == (12, 0, "", None)
    assert set(Attempt.objects.values_list("state", flat=True)) == {"done"}


def test_a_worker_that_stops_when_idle_waits_for_an_endpoint():
    with served(down_for(0.7)) as server:
        run = make_run(make_paid_experiment(server, OPTIONS, n=2, problems=1))
        work_until_idle()
    assert fresh(run).state == Run.State.COMPLETED


def test_a_persons_pause_is_never_ended_by_an_endpoint():
    with served(down_for(0.7)) as server:
        run = make_run(make_paid_experiment(server, {**OPTIONS, "pause_seconds": 2}, n=2, problems=1))
        with at_work():
            wait_for_automatic_pause(run)
            assert fresh(run).pause("Lunch")
        assert not fresh(run).resume_by_itself()
        work_until_idle()
        assert (fresh(run).state, fresh(run).reason, fresh(run).resume_at) == (Run.State.PAUSED, "Lunch", None)
        assert fresh(run).resume()
        work_until_idle()
    assert fresh(run).state == Run.State.COMPLETED


def test_a_refused_key_pauses_the_run_until_a_person_has_mended_it():
    refusal = status(401, {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}})
    with served(refusal, answering()) as server:
        run = make_run(make_paid_experiment(server, n=1, problems=1))
        with at_work():
            wait_until(lambda: fresh(run).state == Run.State.PAUSED)
            assert "Incorrect API key provided." in fresh(run).reason
            assert fresh(run).resume_at is None
            assert fresh(run).resume()
            wait_until(lambda: fresh(run).state == Run.State.COMPLETED)
    check_books(run)
    assert run.n_samples_failed == 0
