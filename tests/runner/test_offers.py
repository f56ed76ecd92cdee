"""What batches allow a worker to claim, and when they are over."""

import pytest

from experiments.runner import offers
from experiments.runner.offers import Permit, Permits


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when the test says so."""

    class Clock:
        now = 100.0

    monkeypatch.setattr(offers.time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def permits() -> Permits:
    return Permits()


def given(permits: Permits, run: int = 1, language_model: str = "m") -> Permit:
    permit = Permit(run, language_model)
    permits.add(permit)
    return permit


def test_its_time_begins_with_the_first_attempt_and_then_it_claims_no_more(permits, clock):
    permit = given(permits)
    clock.now += 1000  # a model was loading
    assert permits.runs() == [1]
    assert permits.weight(1, "m") == 1
    permits.claimed(1, "m", [7, 8], was_last=False)
    clock.now += offers.CLAIMING_SECONDS
    assert permits.runs() == [1]
    assert permit.closed.done()
    assert permits.weight(1, "m") == 0
    assert not permit.ended.done()


def test_it_ends_when_its_own_attempts_have_ended(permits, clock):
    permit = given(permits)
    permits.claimed(1, "m", [7, 8], was_last=True)
    permits.settle(1, {7: ..., 9: ...})
    assert not permit.ended.done()
    permits.settle(1, {9: ...})
    assert permit.ended.done()
    assert permit.n_claimed == 2
    assert permits.runs() == []


def test_two_of_one_run_weigh_twice_and_share_the_attempts(permits, clock):
    first, second = given(permits), given(permits)
    assert permits.weight(1, "m") == 2
    permits.claimed(1, "m", [1, 2, 3], was_last=False)
    assert (first.attempts, second.attempts) == ({1, 3}, {2})


def test_another_run_or_language_model_is_left_alone(permits, clock):
    other_run, other_model = given(permits, run=2), given(permits, language_model="n")
    given(permits)
    permits.claimed(1, "m", [], was_last=True)
    permits.drop(1, [])
    assert not other_run.closed.done()
    assert permits.weight(2, "m") == 1
    assert other_model.ended.done()  # the same run, which may not be worked on


def test_nothing_is_left_hanging_when_the_worker_stops(permits, clock):
    permit = given(permits)
    permits.claimed(1, "m", [7], was_last=False)
    permits.close()
    assert permit.closed.done()
    assert permit.ended.done()


def test_an_errand_may_be_taken_for_a_while(permits, clock):
    permits.want("trial", 3)
    assert permits.errands("trial").children == [("pk__in", [3])]
    assert permits.errands("scoring").children == [("pk__in", [])]
    clock.now += offers.ERRAND_SECONDS
    assert permits.errands("trial").children == [("pk__in", [])]
