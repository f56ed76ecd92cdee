"""Runs whose endpoint honours n: samples share calls, and stay samples of their own in journal, ledger and reuse."""

import pytest

from experiments.models import Call, LanguageModel, Run, Sample
from tests.factories import make_run
from tests.runner.paying import check_books, make_paid_experiment
from tests.runner.processes import WorkerProcess, wait_until
from tests.runner.working import work_until_idle
from tests.servers.sharing import PROMPT_TOKENS, TRUTH, sharing
from tests.servers.threads import served

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = [f"The answer is {number}." for number in range(7)]
COST = 2 * 4  # of one answer of four words


def make_sharing_run(server, options=None, **fields) -> Run:
    experiment = make_paid_experiment(server, options, **fields)
    LanguageModel.objects.update(truth=TRUTH)
    return make_run(experiment)


def check_samples(run: Run) -> None:
    """What samples cost and used is what the ledger says; every draw has one sample."""
    samples, calls = list(run.samples.all()), list(run.calls.all())
    assert (
        sum(sample.cost for sample in samples)
        == sum(call.cost for call in calls if call.state != "lost")
        == pytest.approx(run.cost)
    )
    assert sum(sample.prompt_tokens for sample in samples) == sum(call.prompt_tokens for call in calls)
    assert sum(sample.n_calls for sample in samples) == len(calls)


def test_a_run_pays_each_prompt_once_and_every_answer_is_a_sample_of_its_own():
    with served(sharing(TEXTS)) as server:
        run = make_sharing_run(server, n=8, problems=3)
        work_until_idle()
        assert [request.body["n"] for request in server.requests] == [8, 8, 8]
    check_books(run)
    check_samples(run)
    assert (run.state, run.n_samples, run.n_calls) == (Run.State.COMPLETED, 24, 3)
    assert run.cost == 3 * PROMPT_TOKENS + 24 * COST
    for call in run.calls.all():
        shared = Sample.objects.filter(attempt=call.attempt, request_hash=call.request_hash, occurrence__in=call.occurrences)
        assert sorted(call.occurrences) == list(range(8))
        assert {sample.request_id for sample in shared} == {"shared"}
        assert sorted(sample.choice for sample in shared) == list(range(8))
        assert {sample.seed_sent for sample in shared} == {shared.get(choice=0).seed}
        assert len({sample.seed for sample in shared}) == 8, "each draw keeps a seed of its own, which names it for reuse"
    assert run.config["language_models"][0]["way_of_asking"].startswith("Native n: up to 8 samples")


def test_a_pool_that_lacks_some_draws_asks_for_those_only():
    with served(sharing(TEXTS)) as server:
        run = make_sharing_run(server, n=8, problems=1)
        work_until_idle()
        Sample.objects.filter(occurrence__in=[2, 5, 6]).delete()
        run.attempts.update(state="pending")
        Run.objects.update(state=Run.State.RUNNING)
        work_until_idle()
        assert [request.body["n"] for request in server.requests] == [8, 3]
    assert sorted(Call.objects.last().occurrences) == [2, 5, 6]
    assert Sample.objects.count() == 8


def test_answers_that_shared_a_call_are_reused_one_by_one():
    with served(sharing(TEXTS)) as server:
        first = make_sharing_run(server, n=4, problems=2, reuses_answers=True)
        work_until_idle()
        again = make_run(first.experiment)
        work_until_idle()
        assert len(server.requests) == 2
    again.refresh_from_db()
    assert (again.n_samples, again.n_reused, again.n_calls, again.cost) == (8, 8, 0, 0)
    order = ("attempt__position", "occurrence")
    texts = [list(run.samples.order_by(*order).values_list("text", "seed_sent", "choice")) for run in (first, again)]
    assert texts[0] == texts[1]


def test_a_cap_counts_what_all_answers_of_a_call_may_cost():
    with served(sharing(TEXTS)) as server:
        run = make_sharing_run(server, n=8, problems=1, spending_cap=100)
        work_until_idle()
        assert not server.requests
    run.refresh_from_db()
    assert run.state == Run.State.PAUSED
    assert f"may cost up to {15 + 16 + 8 * 2 * 8}." in run.reason


def test_a_kill_repeats_only_the_calls_that_were_under_way(tmp_path):
    with served(sharing(TEXTS, seconds=0.1)) as server:
        run = make_sharing_run(server, {"max_concurrency": 4, "choices_per_call": 5}, n=10, problems=20)
        with WorkerProcess(tmp_path / "requests.jsonl") as worker:
            wait_until(lambda: Sample.objects.count() >= 40)
            worker.kill()
        under_way = {call.key: call.occurrences for call in Call.objects.under_way()}
        assert 0 < len(under_way) <= 4
        work_until_idle()
        n_asked = len(server.requests)
    check_books(run)
    assert (run.state, run.n_samples) == (Run.State.COMPLETED, 200)
    lost = Call.objects.filter(state="lost")
    assert {call.key: call.occurrences for call in lost} == under_way
    assert all(len(call.occurrences) == 5 and call.cost == call.most_cost for call in lost)
    assert 40 <= n_asked <= 40 + len(under_way)
    keys = [(sample.attempt_id, sample.request_hash, sample.occurrence) for sample in Sample.objects.all()]
    assert len(set(keys)) == len(keys) == 200
