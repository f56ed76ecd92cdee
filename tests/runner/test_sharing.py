"""Runs share language models and workers share runs."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import Attempt, Run, Sample, Worker
from experiments.runner.turns import Turns
from tests.factories import make_language_model, make_run
from tests.runner.processes import read_requests, wait_until
from tests.runner.working import at_work, work_until_idle


async def test_waiting_runs_take_turns_whatever_the_number_of_their_requests():
    turns, order = Turns(1), []

    async def ask(run: int) -> None:
        async with turns.turn(run):
            order.append(run)
            await asyncio.sleep(0)

    await asyncio.gather(*(ask(1) for _ in range(6)), *(ask(2) for _ in range(3)))
    assert order == [1, 1, 2, 1, 2, 1, 2, 1, 1]


async def test_a_turn_given_to_one_who_left_goes_to_the_next():
    turns, order = Turns(1), []

    async def ask(name: str) -> None:
        async with turns.turn(1):
            order.append(name)

    async with turns.turn(1):
        leaving, staying = asyncio.create_task(ask("leaving")), asyncio.create_task(ask("staying"))
        await asyncio.sleep(0)
    leaving.cancel()  # the turn is its own already, but it has not begun
    await asyncio.gather(leaving, staying, return_exceptions=True)
    assert order == ["staying"]
    async with asyncio.timeout(1), turns.turn(1):
        pass


@pytest.mark.django_db(transaction=True)
def test_a_run_that_comes_later_is_not_left_waiting_behind_a_long_one():
    script = make_language_model(answers=["one two 3"], seconds_per_token=0.06, max_in_flight=8)
    long, short = (make_run(n=n, problems=problems, language_models=[script]) for n, problems in ((64, 4), (8, 8)))
    work_until_idle()
    assert set(Run.objects.values_list("state", flat=True)) == {Run.State.COMPLETED}
    last_of_short = Sample.objects.filter(run=short).order_by("-id").first()
    meanwhile = Sample.objects.filter(run=long, id__lt=last_of_short.id).count()
    # An equal share each would be 64; the first requests went out before the short run was known.
    assert 40 <= meanwhile <= 110


@pytest.mark.django_db(transaction=True)
def test_requests_of_several_attempts_keep_the_model_busy_but_are_not_all_claimed():
    script = make_language_model(answers=["one two 3"], seconds_per_token=0.2, max_in_flight=8)
    run = make_run(n=4, problems=50, language_models=[script])
    with at_work():
        wait_until(lambda: Sample.objects.filter(run=run).exists())
        under_way = Attempt.objects.filter(run=run).exclude(state=Attempt.State.PENDING).count()
    assert 4 <= under_way <= 7  # 16 requests ahead are 4 attempts


@pytest.mark.django_db(transaction=True)
def test_an_attempt_whose_lease_ran_out_is_taken_over(tmp_path, settings):
    settings.ASSAY_REQUEST_LOG = str(tmp_path / "requests.jsonl")
    run = make_run(n=2, problems=2)
    lost = Worker.objects.create(host="a machine that is gone", pid=1, process_started=0)
    now = timezone.now()
    held = Attempt.objects.filter(run=run, position=0)
    held.update(state=Attempt.State.RUNNING, worker=lost, lease_until=now + timedelta(seconds=60))
    run.start()
    with at_work():
        wait_until(lambda: Attempt.objects.filter(run=run, position=1, state=Attempt.State.DONE).exists())
        assert {each["attempt"] for each in read_requests(tmp_path / "requests.jsonl")} == {
            str(Attempt.objects.get(run=run, position=1).pk)
        }
        held.update(lease_until=now - timedelta(seconds=1))
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.COMPLETED)
    assert Sample.objects.filter(run=run).count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_run_without_drawing_anything_twice(tmp_path, settings):
    settings.ASSAY_REQUEST_LOG = str(tmp_path / "requests.jsonl")
    script = make_language_model(answers=["one two three 3"], seconds_per_token=0.02, max_in_flight=8)
    run = make_run(n=4, problems=30, language_models=[script])
    with at_work(), at_work():
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.COMPLETED)
    seeds = [each["seed"] for each in read_requests(tmp_path / "requests.jsonl")]
    assert len(seeds) == len(set(seeds)) == Sample.objects.filter(run=run).count() == 120
    assert len(set(Attempt.objects.filter(run=run).values_list("worker", flat=True))) == 2
