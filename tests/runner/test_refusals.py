"""What the database refuses fails its attempt with a reason; nothing stays leased and no run waits for it."""

import asyncio

import pytest
from django.utils import timezone

from experiments.domain.types import Outcome
from experiments.models import Attempt, Call, Run, Spending
from experiments.runner.storing import AttemptEnding
from experiments.strategies.pool import Pool
from tests.factories import make_run
from tests.runner.test_recording import record
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)

#: No JSON can hold it.
UNHEARD_OF = object()


def test_an_attempt_whose_end_is_refused_fails_and_its_run_ends(monkeypatch):
    solve = Pool.solve

    async def solve_strangely(self, question, lab) -> Outcome:
        outcome = await solve(self, question, lab)
        return (
            Outcome(outcome.chosen, trace={"thing": UNHEARD_OF}) if question.messages[0].content.endswith("0 + 3 =") else outcome
        )

    monkeypatch.setattr(Pool, "solve", solve_strangely)
    run = make_run(n=2, problems=3)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_attempts_done, run.n_attempts_failed) == (Run.State.COMPLETED, 2, 1)
    failed = Attempt.objects.get(run=run, state=Attempt.State.FAILED)
    assert failed.error.startswith("What the attempt came to cannot be stored: the database refuses it (TypeError: ")
    assert failed.lease_until is None
    assert run.n_samples == 6, "what came before its end stays"


def test_a_call_whose_end_is_refused_is_booked_all_the_same():
    attempt = make_run(problems=1).attempts.get()
    common = {"run_id": attempt.run_id, "attempt_id": attempt.pk, "language_model": "m", "request_hash": "f" * 32}
    common |= {"key": "k", "occurrence": 0, "try_number": 1, "sent_at": timezone.now(), "most_cost": 2.0}

    async def work(recorder):
        assert await recorder.store_call(Call(**common, state=Call.State.SENT)) is None
        # The endpoint says so many tokens that no column holds them.
        ended = Call(**common, state=Call.State.ANSWERED, cost=0.5, status=200, completion_tokens=2**64)
        recorder.store_soon(ended)
        await asyncio.wait_for(recorder.store(attempt.run_id, AttemptEnding(attempt.run_id, attempt.pk, 0, "pending")), 60)

    record(work)
    call = Call.objects.get()
    assert (call.state, call.cost, call.completion_tokens) == (Call.State.ANSWERED, 2.0, 0)
    assert call.note.startswith("A call cannot be stored: the database refuses it")
    assert Run.objects.get().cost == 2.0
    assert Spending.objects.filter(run=call.run).totals() == (2.0, 0.0)
