"""Pause lets what was begun come in, resume goes on from there, cancel stops at once and keeps what is stored."""

import time

import pytest

from experiments.models import Attempt, Run, Sample, WorkerDraft
from tests.factories import make_language_model, make_run
from tests.runner.processes import read_requests, wait_until
from tests.runner.working import at_work, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def slow(seconds_per_token=0.05, max_in_flight=4):
    return make_language_model(
        answers=["one two three four five six 3"], seconds_per_token=seconds_per_token, max_in_flight=max_in_flight
    )


def first_samples(run: Run) -> int:
    return wait_until(lambda: Sample.objects.filter(run=run).count())


def test_a_paused_run_stores_what_was_begun_and_asks_nothing_new_until_it_is_resumed(tmp_path, settings):
    settings.ASSAY_REQUEST_LOG = str(tmp_path / "requests.jsonl")
    run = make_run(n=8, problems=3, language_models=[slow()])
    with at_work():
        first_samples(run)
        assert run.pause("Lunch")
        wait_until(lambda: not Attempt.objects.filter(run=run, state=Attempt.State.RUNNING).exists())
        asked = read_requests(tmp_path / "requests.jsonl")
        stored = set(Sample.objects.filter(run=run).values_list("seed", flat=True))
        assert {each["seed"] for each in asked} == stored
        assert len(stored) < 24
        assert not Sample.objects.filter(run=run, grades=None).exists()
        wait_until(lambda: WorkerDraft.objects.get(run=run).texts == [])
        assert len(read_requests(tmp_path / "requests.jsonl")) == len(asked)
        assert (run.state, run.reason) == (Run.State.PAUSED, "Lunch")

        assert run.resume()
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.COMPLETED)
    assert Sample.objects.filter(run=run).count() == 24
    assert len(read_requests(tmp_path / "requests.jsonl")) == 24


def test_a_run_paused_before_it_began_waits():
    run = make_run(n=2, problems=1)
    run.pause()
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_samples) == (Run.State.PAUSED, 0)
    run.resume()
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_samples) == (Run.State.COMPLETED, 2)


def test_a_cancelled_run_stops_at_once_and_frees_the_model_for_others():
    script = slow(seconds_per_token=1, max_in_flight=2)
    cancelled = make_run(n=8, problems=3, language_models=[script])
    with at_work():
        wait_until(lambda: WorkerDraft.objects.filter(run=cancelled).exclude(texts=[]).exists())
        cancelled.cancel()
        cancelled_at = time.monotonic()
        wait_until(lambda: not Attempt.objects.filter(run=cancelled, state=Attempt.State.RUNNING).exists())
        wait_until(lambda: WorkerDraft.objects.get(run=cancelled).texts == [])
        assert time.monotonic() - cancelled_at < 3  # a text takes seven seconds
        other = make_run(n=1, problems=1)
        wait_until(lambda: Run.objects.get(pk=other.pk).state == Run.State.COMPLETED)
    cancelled.refresh_from_db()
    assert cancelled.state == Run.State.CANCELLED
    assert cancelled.n_attempts_done == 0


def test_a_cancelled_run_keeps_its_samples_and_their_findings():
    run = make_run(n=4, problems=20, language_models=[slow(seconds_per_token=0.02, max_in_flight=8)])
    with at_work():
        wait_until(lambda: Attempt.objects.filter(run=run, state=Attempt.State.DONE).exists())
        run.cancel()
        wait_until(lambda: run.findings.exists())
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert run.n_samples == Sample.objects.filter(run=run).count() >= 4


def test_stopping_the_worker_gives_its_attempts_back_at_once():
    run = make_run(n=4, problems=4, language_models=[slow(seconds_per_token=1)])
    with at_work():
        wait_until(lambda: WorkerDraft.objects.filter(run=run).exclude(texts=[]).exists())
        began = time.monotonic()
    assert time.monotonic() - began < 2.5
    assert set(Attempt.objects.filter(run=run).values_list("state", "worker", "lease_until")) == {("pending", None, None)}
