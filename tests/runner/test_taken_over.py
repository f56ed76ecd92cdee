"""A worker that was cut off for a while: what it says twice counts once, and what it lost it does not ask for again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from experiments.domain.types import FinishReason
from experiments.management.working import new_worker
from experiments.models import Attempt, Call, Run, Sample, Spending, WorkerDraft
from experiments.runner import presence
from experiments.runner.storing import AttemptEnding, store
from experiments.runner.storing_calls import TAKEN_OVER
from tests.factories import make_language_model, make_run
from tests.runner.processes import wait_until
from tests.runner.working import at_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Attempt:
    return make_run(n=1, problems=1).attempts.get()


def leased(attempt: Attempt, seconds: float = 30) -> int:
    """To a worker of its own, whose number comes back."""
    worker = presence.register().pk
    assert Attempt.objects.claim(attempt.run, worker, 1, seconds)
    return worker


def a_call(attempt: Attempt, worker: int, state: str = Call.State.SENT, **fields) -> Call:
    place = {"run_id": attempt.run_id, "attempt_id": attempt.pk, "worker_id": worker, "language_model": "m"}
    draw = {"key": "k" * 32, "request_hash": "f" * 32, "occurrence": 0, "occurrences": [0], "try_number": 1}
    call = Call(**place, **draw, state=state, sent_at=datetime(2026, 5, 4, tzinfo=UTC), most_cost=5.0, **fields)
    call.needs_lease = True
    return call


def test_a_call_whose_row_was_stored_although_nobody_said_so_is_let_through_and_booked_once(attempt):
    worker = leased(attempt)
    for _ in range(2):
        assert store([a_call(attempt, worker)], {}, {}) == {}
    assert (Call.objects.count(), Run.objects.get().n_calls) == (1, 1)
    assert Spending.objects.totals() == (0.0, 5.0)


def test_everything_else_that_is_stored_again_counts_once(attempt):
    worker = leased(attempt)
    store([a_call(attempt, worker)], {}, {})
    ended = a_call(attempt, worker, Call.State.FAILED, cost=2.0, is_cut=True)
    sample = {"request_hash": "f" * 32, "occurrence": 0, "index": 0, "seed": 1, "finish_reason": FinishReason.STOP.value}
    for _ in range(2):
        row = Sample(run_id=attempt.run_id, attempt_id=attempt.pk, text="3", completion_tokens=2, **sample)
        store([ended, row, AttemptEnding(attempt.run_id, attempt.pk, worker, Attempt.State.DONE)], {}, {})
    run = Run.objects.get()
    assert (run.n_calls, run.n_calls_failed, run.n_calls_cut, run.cost) == (1, 1, 1, 2.0)
    assert (run.n_samples, run.completion_tokens, run.n_attempts_done) == (1, 2, 1)
    assert Spending.objects.totals() == (2.0, 0.0)


def test_no_call_leaves_for_an_attempt_that_another_worker_has_now(attempt):
    slow = leased(attempt, seconds=-1)
    quick = leased(attempt)
    assert store([a_call(attempt, slow)], {}, {}) == {"k" * 32: TAKEN_OVER}
    assert not Call.objects.exists()
    assert store([a_call(attempt, quick)], {}, {}) == {}


def test_a_call_leaves_for_an_attempt_whose_lease_has_run_out_and_then_nobody_takes_it(attempt):
    slow = leased(attempt, seconds=-1)
    assert store([a_call(attempt, slow)], {}, {}) == {}
    quick = presence.register().pk
    assert Attempt.objects.claim(attempt.run, quick, 1, 30) == []
    assert Attempt.objects.filter(pk=attempt.pk).hold(quick) == set()
    assert Attempt.objects.filter(pk=attempt.pk).hold(slow) == {attempt.pk}


def test_no_call_leaves_for_an_attempt_that_another_worker_has_done(attempt):
    slow = leased(attempt, seconds=-1)
    quick = leased(attempt)
    done = AttemptEnding(attempt.run_id, attempt.pk, quick, Attempt.State.DONE)
    store([done, replace(done, worker_id=slow, state=Attempt.State.FAILED)], {}, {})
    assert store([a_call(attempt, slow)], {}, {}) == {"k" * 32: TAKEN_OVER}
    assert (Run.objects.get().n_attempts_done, Run.objects.get().n_attempts_failed) == (1, 0)


def test_scoring_what_is_there_needs_no_lease(attempt):
    call = a_call(attempt, presence.register().pk)
    call.needs_lease = False
    assert store([call], {}, {}) == {}
    assert Call.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_attempts_stops_working_on_them():
    slow = make_language_model(answers=["one two three"], seconds_per_token=5)
    run = make_run(n=1, problems=2, language_models=[slow])
    other = presence.register()
    with at_work(new_worker(lease_seconds=1.2)):
        wait_until(lambda: any(draft.texts for draft in WorkerDraft.objects.all()))
        Attempt.objects.filter(run=run).update(worker=other, lease_until=datetime(2999, 1, 1, tzinfo=UTC))
        wait_until(lambda: not any(draft.texts for draft in WorkerDraft.objects.all()))
        assert set(Attempt.objects.filter(run=run).values_list("state", "worker")) == {("running", other.pk)}
    assert not Sample.objects.exists()
