"""What a worker tells of itself: counted where it writes, sent with its heartbeat."""

import asyncio
import time

import pytest

from experiments.management.working import new_worker
from experiments.models import Call, Grade, Run, Sample, Worker
from experiments.models.vitals import Vitals, ending_of
from experiments.runner.storing import AttemptEnding
from experiments.runner.vitals import Peak, Tally, code_version, watch_loop
from tests.factories import make_run
from tests.runner.processes import wait_until
from tests.runner.working import at_work


def test_a_peak_is_the_largest_of_its_time_and_keeps_no_more_than_it_needs():
    peak = Peak(seconds=10)
    assert peak.value(now=0) == 0.0
    for now, value in ((0, 3.0), (1, 5.0), (4, 2.0), (5, 4.0)):
        peak.add(value, now=now)
    assert [peak.value(now=now) for now in (5, 11, 11.1, 15, 15.1)] == [5.0, 5.0, 4.0, 4.0, 0.0]
    assert not peak._values


async def test_a_blocked_loop_is_seen():
    lag = Peak()
    watching = asyncio.create_task(watch_loop(lag))
    await asyncio.sleep(0)
    time.sleep(0.6)  # noqa: ASYNC251  (the very fault that is watched for)
    await asyncio.sleep(0.01)
    watching.cancel()
    assert lag.value() >= 0.3


def test_a_tally_counts_what_is_new_by_kind():
    def sample(**fields) -> Sample:
        return Sample(
            **{"pk": 1, "purpose": "answer", "finish_reason": "stop", "prompt_tokens": 10, "completion_tokens": 5, **fields}
        )

    tally = Tally()
    facts = [
        *(sample(), sample(purpose="judge"), sample(finish_reason="failed"), sample(pk=None), sample(reused_from_id=7)),
        *(Grade(verdict="timed_out"), Grade(verdict="correct")),
        *(Call(state="sent", cost=9.0), Call(state="answered", cost=0.5), Call(state="failed", status=429)),
        *(AttemptEnding(1, 1, 1, "done"), AttemptEnding(1, 2, 1, "pending")),
    ]
    tally.stored(facts, [0.1] * 11 + [0.4])
    counts = tally.counts()
    assert (counts.samples, counts.samples_failed, counts.prompt_tokens, counts.completion_tokens) == (2, 1, 30, 15)
    assert (counts.grader_timeouts, counts.cost) == (1, 0.5)
    assert counts.calls == {"answered": 1, "429": 1}
    assert counts.attempts == {"done": 1, "given back": 1}
    assert (counts.groups, counts.facts) == (1, 12)
    assert counts.delay_seconds == pytest.approx(1.5)
    assert tally.longest_delay_seconds == 0.4


@pytest.mark.parametrize(
    ("fields", "ending"),
    [
        ({"state": "abandoned"}, "abandoned"),
        ({"state": "lost"}, "lost"),
        ({"state": "failed", "status": 200, "is_cut": True}, "cut off"),
        ({"state": "failed", "status": 200}, "no answer"),
        ({"state": "failed"}, "no answer"),
        ({"state": "failed", "status": 404}, "4xx"),
        ({"state": "failed", "status": 503}, "5xx"),
    ],
)
def test_calls_end_in_one_of_a_few_words(fields, ending):
    assert ending_of(Call(**fields)) == ending


@pytest.mark.django_db(transaction=True)
def test_a_worker_tells_its_code_at_once_and_what_it_did_with_a_heartbeat():
    run = make_run(n=4, problems=3)
    with at_work(new_worker(lease_seconds=1)):
        wait_until(lambda: Worker.objects.filter(vitals__version=code_version()).exists())
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.COMPLETED)

        def told() -> Vitals:
            return Vitals.model_validate(Worker.objects.get().vitals)

        wait_until(lambda: told().counts.attempts == {"done": 3})
        counts = told().counts
        run.refresh_from_db()
        assert counts.samples == 12
        assert counts.completion_tokens == run.completion_tokens > 0
        assert counts.delay_seconds > 0
        assert told().longest_delay_seconds > 0
