"""Concurrency, pace, token budget and breaker: pure, so time is simply handed in."""

import random
from collections import deque

import pytest

from experiments.inference.openai_api.breaker import Breaker
from experiments.inference.openai_api.concurrency import Concurrency
from experiments.inference.openai_api.limits import Gate, LimitSettings
from experiments.inference.openai_api.pace import Pace, TokenBudget


def test_concurrency_doubles_per_round_trip_until_the_first_objection_and_then_creeps():
    concurrency = Concurrency(200)
    assert concurrency.limit == 64
    for _ in range(64):
        concurrency.grow(n_under_way=200)
    assert concurrency.limit == 128
    concurrency.shrink(now=1.0, sent_at=0.5, hard=False)
    assert concurrency.limit == 64
    for _ in range(64):
        concurrency.grow(n_under_way=200)
    assert concurrency.limit == 64  # 64 answers at a limit of 64 are worth a little less than one more
    concurrency.grow(n_under_way=200)
    assert concurrency.limit == 65


def test_objections_of_one_round_count_once_and_the_limit_never_falls_below_one():
    concurrency = Concurrency(64)
    for _ in range(32):
        concurrency.shrink(now=2.0, sent_at=1.0, hard=True)
    assert concurrency.limit == 32
    for number in range(100):
        concurrency.shrink(now=3.0 + number, sent_at=3.0 + number, hard=True)
    assert concurrency.limit == 1


def test_a_limit_that_is_not_used_up_does_not_grow():
    concurrency = Concurrency(200)
    for _ in range(1000):
        concurrency.grow(n_under_way=63)
    assert concurrency.limit == 64


def test_a_configured_pace_spaces_calls_evenly_and_is_never_exceeded():
    pace = Pace(most_per_second=10)
    now, sent = 0.0, []
    while len(sent) < 101:
        now = max(now, pace.ready_at())
        pace.sent(now)
        sent.append(now)
        pace.answered(now)
    assert sent[-1] == pytest.approx(9.7, abs=0.01)  # three may leave together
    assert pace.rate == 10


@pytest.mark.parametrize("limit", [10, 50, 400])
def test_an_unknown_limit_is_found_and_kept_within_a_few_percent(limit):
    """A simulated server allows so many calls in any second, answers after 200 ms and turns others away at once."""
    pace, jitter = Pace(None), random.Random(5)
    accepted, answers = deque(), deque()
    served = turned_away = 0
    now = 0.0
    while now < 220:
        now = max(now + 1e-4, pace.ready_at() + jitter.uniform(0, 0.002))
        while answers and answers[0] <= now:
            pace.answered(answers.popleft())
        pace.sent(now)
        while accepted and accepted[0] <= now - 1:
            accepted.popleft()
        is_accepted = len(accepted) < limit
        if is_accepted:
            accepted.append(now)
            answers.append(now + 0.2)
        else:
            pace.rejected(now)
        if now > 20:
            served += is_accepted
            turned_away += not is_accepted
    assert served / 200 > 0.95 * limit
    assert turned_away / (served + turned_away) < 0.02


def test_a_first_burst_that_says_too_much_is_forgotten_within_seconds():
    """63 of 64 calls pass at once, which looks like hundreds a second, and then 40 a second with a rejection each."""
    pace = Pace(None)
    for _ in range(64):
        pace.sent(0.0)
    pace.rejected(0.01)
    assert pace.rate > 500
    for number in range(400):
        now = 0.1 + number / 40
        pace.sent(now)
        if number % 40 == 39:
            pace.rejected(now)
        else:
            pace.answered(now)
    assert 36 < pace.rate < 60


def test_a_limit_that_was_raised_is_noticed():
    pace = Pace(None)
    for number in range(50):
        pace.sent(number / 50)
        pace.answered(number / 50)
    pace.rejected(1.0)
    assert pace.rate == pytest.approx(0.97 * 49)
    now = 1.0
    while now < 61:
        now = max(now, pace.ready_at())
        pace.sent(now)
        pace.answered(now)
    assert pace.rate > 70


def test_a_token_budget_lets_ten_seconds_worth_through_and_takes_back_what_was_not_used():
    budget = TokenBudget(per_minute=6000)  # 100 a second, room for 1000
    assert budget.ready_at(0.0, 800) == 0.0
    budget.spend(0.0, 800)
    assert budget.ready_at(0.0, 800) == pytest.approx(6.0)
    budget.spend(0.0, -600)
    assert budget.ready_at(0.0, 800) == pytest.approx(0.0)
    budget.spend(0.0, 800)
    # A call larger than the room goes as soon as the room is full: never would be a deadlock.
    assert budget.ready_at(0.0, 50_000) == pytest.approx(10.0)


def test_without_a_token_limit_nothing_waits():
    budget = TokenBudget(per_minute=None)
    budget.spend(5.0, 10**9)
    assert budget.ready_at(5.0, 10**9) == 5.0


def test_the_breaker_opens_after_failures_in_a_row_and_probes_once_per_pause():
    breaker = Breaker(failures_allowed=3, pause_seconds=10)
    assert [breaker.failed(0.0, was_probe=False) for _ in range(2)] == [False, False]
    breaker.succeeded()
    assert [breaker.failed(1.0, was_probe=False) for _ in range(3)] == [False, False, True]
    assert breaker.closed_for(1.0) == 10
    assert breaker.failed(2.0, was_probe=False) is False  # an earlier call that ends late opens nothing anew
    assert breaker.closed_for(11.0) is None
    assert breaker.sent() is True
    assert breaker.closed_for(11.0) == 10  # others wait for the probe
    assert breaker.failed(12.0, was_probe=True) is True
    assert breaker.closed_for(12.0) == 20
    assert breaker.closed_for(32.0) is None
    assert breaker.sent() is True
    breaker.unclear(was_probe=True)
    assert breaker.closed_for(32.0) is None
    assert breaker.sent() is True
    breaker.succeeded()
    assert breaker.closed_for(32.0) is None
    assert breaker.sent() is False


def test_pauses_double_up_to_ten_minutes():
    breaker = Breaker(failures_allowed=1, pause_seconds=100)
    pauses = []
    for _ in range(5):
        breaker.failed(0.0, was_probe=True)
        pauses.append(breaker.closed_for(0.0))
    assert pauses == [100, 200, 400, 600, 600]


def test_a_pace_that_is_shared_by_more_falls_at_once_and_rises_again_when_they_go():
    pace = Pace(10)
    pace.allow(2.5)
    assert pace.rate == 2.5
    pace.allow(10)
    assert pace.rate == 10


def test_a_pace_that_was_learned_to_be_lower_stays_so():
    pace = Pace(10)
    pace.rate = 2.0
    pace.allow(5)
    assert pace.rate == 2.0


def test_a_token_budget_that_is_shared_lets_its_part_through():
    budget = TokenBudget(6000)
    budget.allow(1500)
    budget.spend(0.0, 250)  # ten seconds' worth of a quarter
    assert budget.ready_at(0.0, 25) == pytest.approx(1.0)


async def test_a_gate_shared_by_four_keeps_to_a_quarter_and_never_closes():
    settings = LimitSettings(
        8, requests_per_minute=240, tokens_per_minute=None, failures_allowed=3, pause_seconds=1, longest_wait_seconds=1
    )
    gate = Gate("the endpoint", settings)
    for n, calls, rate in ((4, 2, 1.0), (100, 1, 0.04), (1, 1, 4.0)):
        gate.share(n)
        assert gate.concurrency.limit == calls  # what fell grows again with answers
        assert gate.pace.rate == pytest.approx(rate)
