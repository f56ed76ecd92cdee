"""The one writer: groups, counts once, and keeps what it cannot store."""

import asyncio

import pytest
from django.db import connection

from experiments.domain.types import FinishReason
from experiments.management.working import new_worker
from experiments.models import Attempt, Run, Sample, WorkerDraft
from experiments.runner import presence
from experiments.runner.database import DatabaseThread
from experiments.runner.drafts import DraftBoard
from experiments.runner.recording import Recorder
from experiments.runner.refusals import NotStored
from experiments.runner.storing import store
from tests.factories import make_language_model, make_run
from tests.runner.processes import read_requests, wait_until
from tests.runner.working import at_work

pytestmark = pytest.mark.django_db(transaction=True)


def a_row(attempt: Attempt, occurrence: int, **fields) -> Sample:
    defaults = {"text": "3", "finish_reason": FinishReason.STOP.value, "completion_tokens": 2}
    return Sample(
        run_id=attempt.run_id,
        attempt_id=attempt.pk,
        request_hash="f" * 32,
        occurrence=occurrence,
        index=occurrence,
        seed=occurrence,
        **{**defaults, **fields},
    )


def record(work):
    """Run `work(recorder)` with a writer of its own and return its result."""

    async def with_writer():
        database = DatabaseThread()
        recorder = Recorder(database, DraftBoard(worker=0))
        async with asyncio.TaskGroup() as group:
            group.create_task(recorder.run())
            result = await work(recorder)
            recorder.close()
        await database.close()
        return result

    return asyncio.run(with_writer())


def test_what_arrives_together_is_stored_in_one_transaction():
    attempt = make_run(n=100, problems=1).attempts.get()

    async def work(recorder):
        return await asyncio.gather(*(recorder.store_sample(a_row(attempt, i)) for i in range(100)))

    rows = record(work)
    assert len({row.created_at for row in rows}) == 1
    assert [row.occurrence for row in rows] == list(range(100))
    assert all(Sample.objects.get(pk=row.pk).occurrence == row.occurrence for row in rows)
    assert Run.objects.get().n_samples == 100


def test_a_sample_stored_before_stays_and_is_not_counted_twice():
    attempt = make_run(n=4, problems=1).attempts.get()
    record(lambda recorder: recorder.store_sample(a_row(attempt, 0, text="first")))
    row = record(lambda recorder: recorder.store_sample(a_row(attempt, 0, text="second")))
    assert row.text == "first"
    run = Run.objects.get()
    assert (run.n_samples, run.completion_tokens, Sample.objects.count()) == (1, 2, 1)


def test_one_fact_the_database_refuses_does_not_take_the_others_down():
    attempt = make_run(n=4, problems=1).attempts.get()

    async def work(recorder):
        rows = [a_row(attempt, 0), a_row(attempt, 1, completion_tokens="many"), a_row(attempt, 2)]
        return await asyncio.gather(*map(recorder.store_sample, rows), return_exceptions=True)

    first, second, third = record(work)
    assert (first.occurrence, third.occurrence) == (0, 2)
    assert isinstance(second, NotStored)
    assert str(second).startswith("A sample cannot be stored: the database refuses it (ValueError: ")
    assert Run.objects.get().n_samples == Sample.objects.count() == 2


def test_nothing_of_a_group_is_stored_if_its_end_fails():
    attempt = make_run(n=4, problems=1).attempts.get()
    drafts = {(attempt.run_id, presence.register().pk): [{"text": "3"}]}
    with pytest.raises(TypeError, match="unsupported operand"):
        store([a_row(attempt, 0)], drafts, busy_seconds={attempt.run_id: "no number"})
    assert not Sample.objects.exists()
    assert not WorkerDraft.objects.exists()


def limit_pages(extra: int | None) -> None:
    """Let the database grow by so many pages on this connection, None for no limit: what a full disk says, SQLite then says."""
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + extra if extra is not None else 2**31}")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the limit is SQLite's")
def test_no_space_left_pauses_the_run_with_the_reason_and_loses_nothing(tmp_path, settings):
    settings.ASSAY_REQUEST_LOG = str(tmp_path / "requests.jsonl")
    script = make_language_model(answers=["3 " * 2000], seconds_per_token=0)
    run = make_run(n=16, problems=16, language_models=[script], decoding={"max_tokens": 4000})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that earlier tests left free would be room enough
    worker = new_worker()
    with at_work(worker) as call:
        call(worker.database.run(limit_pages, 40))
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.PAUSED)
        assert Run.objects.get(pk=run.pk).reason.startswith("No space left: database or disk is full.")
        stored = Sample.objects.filter(run=run).count()
        call(worker.database.run(limit_pages, None))
        wait_until(lambda: not Attempt.objects.filter(run=run, state=Attempt.State.RUNNING).exists())
        assert Sample.objects.filter(run=run).count() > stored, "what was finished meanwhile must be stored"
        assert Run.objects.get(pk=run.pk).resume()
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.COMPLETED)
    run.refresh_from_db()
    assert run.n_samples == Sample.objects.filter(run=run).count() == 256
    seeds = [each["seed"] for each in read_requests(tmp_path / "requests.jsonl")]
    assert len(seeds) == len(set(seeds)) == 256
