"""What the writer takes next."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from experiments.models import Call, Sample
from experiments.runner.recording import FLUSH_SECONDS
from experiments.runner.storing import Fact
from experiments.runner.together import PATIENCE_SECONDS, take
from tests.factories import make_run
from tests.runner.test_recording import a_row, record


@dataclass(frozen=True)
class Entry:
    fact: Fact
    arrived_at: float = 0.0


def a_call(*occurrences: int, state: str = Call.State.ANSWERED, **fields) -> Call:
    defaults = {"attempt_id": 1, "request_hash": "f" * 32, "occurrence": occurrences[0]}
    return Call(state=state, occurrences=list(occurrences), **{**defaults, **fields})


def a_sample(occurrence: int, attempt: int = 1) -> Sample:
    return Sample(attempt_id=attempt, request_hash="f" * 32, occurrence=occurrence)


def taken(*facts: Fact, most: int = 1000, now: float = 0.0) -> tuple[list[int], list[int]]:
    """Places of (what is stored now, what is kept)."""
    entries = [Entry(fact) for fact in facts]
    return tuple([entries.index(entry) for entry in part] for part in take(entries, most, now))


def test_an_answered_call_waits_for_its_sample():
    assert taken(a_call(0), a_sample(1)) == ([1], [0])
    assert taken(a_call(0), a_sample(0, attempt=2)) == ([1], [0])
    assert taken(a_call(0), a_sample(1), a_sample(0)) == ([0, 1, 2], [])


def test_samples_that_share_a_call_wait_for_each_other():
    assert taken(a_call(0, 1), a_sample(0), a_sample(2)) == ([2], [0, 1])
    assert taken(a_call(0, 1), a_sample(0), a_sample(1)) == ([0, 1, 2], [])


def test_a_call_whose_sample_does_not_come_waits_no_longer_than_a_moment():
    assert taken(a_call(0, 1), a_sample(0), now=PATIENCE_SECONDS - 0.01) == ([], [0, 1])
    assert taken(a_call(0, 1), a_sample(0), now=PATIENCE_SECONDS) == ([0, 1], [])


def test_calls_that_bring_nothing_wait_for_nothing():
    for state in set(Call.State) - {Call.State.ANSWERED}:
        assert taken(a_call(0, state=state)) == ([0], [])


def test_a_full_batch_does_not_part_what_belongs_together():
    assert taken(a_call(0), a_sample(5), a_sample(0), most=1) == ([0, 2], [1])
    assert taken(a_sample(5), a_call(0), a_sample(0), most=1) == ([0], [1, 2])


@pytest.mark.django_db(transaction=True)
def test_the_writer_stores_a_call_and_its_sample_in_one_transaction_however_late_the_sample_comes():
    attempt = make_run(n=1, problems=1).attempts.get()
    place = {"run_id": attempt.run_id, "attempt_id": attempt.pk, "language_model": "m", "try_number": 1}
    place |= {"key": "k" * 32, "sent_at": datetime(2026, 5, 4, tzinfo=UTC)}

    async def work(recorder):
        await recorder.store_call(a_call(0, state=Call.State.SENT, **place))
        recorder.store_soon(a_call(0, **place))
        await asyncio.sleep(3 * FLUSH_SECONDS)
        before = await Call.objects.values_list("state", flat=True).aget()
        await recorder.store_sample(a_row(attempt, 0))
        return before, await Call.objects.values_list("state", flat=True).aget()

    assert record(work) == (Call.State.SENT, Call.State.ANSWERED)
