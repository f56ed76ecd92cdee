"""Every call that leaves for a paid endpoint is in the ledger, with what it cost, whatever became of it."""

import pytest

from experiments.models import Call, Run
from tests.factories import make_run
from tests.runner.paying import COST, check_books, make_paid_experiment
from tests.runner.processes import wait_until
from tests.runner.working import at_work, work_until_idle
from tests.servers.misbehaving import status, stream
from tests.servers.threads import answering, served

pytestmark = pytest.mark.django_db(transaction=True)


def states(run: Run) -> dict[str, int]:
    found = list(Call.objects.filter(run=run).values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def test_answered_calls_are_booked_with_their_tokens_and_their_samples_know_the_cost():
    with served(answering()) as server:
        run = make_run(make_paid_experiment(server, n=4, problems=3))
        work_until_idle()
    check_books(run)
    assert (run.state, run.n_calls, run.cost) == (Run.State.COMPLETED, 12, 12 * COST)
    assert states(run) == {"answered": 12}
    for sample in run.samples.all():
        call = Call.objects.get(run=run, attempt=sample.attempt, request_hash=sample.request_hash, occurrence=sample.occurrence)
        assert (sample.cost, sample.n_calls, sample.usage_is_estimated) == (COST, 1, False)
        assert (call.prompt_tokens, call.completion_tokens, call.status, call.cost) == (11, 3, 200, COST)
        assert call.language_model == run.config["language_models"][0]["name"]
        assert call.seconds > 0
        assert call.most_cost > COST


def test_failed_tries_are_rows_of_their_own_and_the_sample_counts_them():
    cut = stream("half a sent", reason=None, done=False, then="cut")
    with served(status(500), cut, answering()) as server:
        run = make_run(make_paid_experiment(server, n=1, problems=1))
        work_until_idle()
    check_books(run)
    calls = list(Call.objects.filter(run=run))
    assert [(call.try_number, call.state, call.status) for call in calls] == [
        (1, "failed", 500),
        (2, "failed", 200),
        (3, "answered", 200),
    ]
    assert calls[0].cost == 0
    assert calls[1].cost > 0
    assert calls[1].usage_is_estimated
    assert calls[1].note
    assert [call.is_cut for call in calls] == [False, True, False]
    assert (run.n_calls_failed, run.n_calls_cut) == (2, 1)
    sample = run.samples.get()
    assert (sample.n_calls, sample.cost) == (3, calls[1].cost + COST)


def test_the_lab_does_not_try_again_what_the_endpoints_client_gave_up():
    with served(status(500)) as server:
        run = make_run(make_paid_experiment(server, {"failures_before_pause": 100}, n=1, problems=1))
        work_until_idle()
        assert len(server.requests) == 3
    check_books(run)
    sample = run.samples.get()
    assert (sample.finish_reason, sample.n_calls, sample.cost) == ("failed", 3, 0)
    assert run.state == Run.State.FAILED


def test_calls_stopped_by_a_cancel_are_booked_as_estimates():
    with served(answering(seconds=60)) as server:
        run = make_run(make_paid_experiment(server, n=2, problems=1))
        with at_work():
            wait_until(lambda: len(server.requests) == 2)
            run.cancel()
            wait_until(lambda: not Call.objects.under_way().exists())
    check_books(run)
    assert states(run) == {"abandoned": 2}
    assert all(call.usage_is_estimated and 0 < call.cost <= call.most_cost for call in Call.objects.all())


def test_a_free_backend_leaves_no_ledger():
    run = make_run(n=2, problems=1)
    work_until_idle()
    run.refresh_from_db()
    assert (run.n_calls, run.cost, Call.objects.count()) == (0, 0, 0)


def test_reasoning_and_what_the_endpoint_said_of_the_ending_are_kept():
    usage = {"completion_tokens_details": {"reasoning_tokens": 2}}
    with served(answering("<think>3 and 3</think>The answer is 6.", **usage)) as server:
        run = make_run(make_paid_experiment(server, n=1, problems=1))
        work_until_idle()
    run.refresh_from_db()
    sample = run.samples.get()
    assert (sample.reasoning, sample.text) == ("3 and 3", "The answer is 6.")
    assert (sample.endpoint_finish_reason, sample.reasoning_tokens, run.reasoning_tokens) == ("stop", 2, 2)
