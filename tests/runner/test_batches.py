"""A worker that claims only what batches allow, as it does where Celery places the work."""

import pytest

from experiments.management.working import new_worker
from experiments.models import Attempt, Run, Trial
from experiments.runner.offers import Permit, Permits
from tests.factories import make_language_model, make_run, make_user
from tests.runner.processes import wait_until
from tests.runner.working import at_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    return new_worker(offers=Permits())


def take(do, worker, run: Run, language_model: str) -> Permit:
    """A batch for the run, handed to the worker on its event loop."""
    permit = Permit(run.pk, language_model)

    async def give() -> None:
        worker.take(permit)

    do(give())
    return permit


def test_it_works_on_the_run_and_the_language_model_of_its_batch_and_on_nothing_else(worker):
    first, second = make_language_model(name="first"), make_language_model(name="second")
    other, run = make_run(), make_run(language_models=[first, second])
    with at_work(worker) as do:
        permit = take(do, worker, run, "second")
        permit.ended.result(60)
        done = Attempt.objects.filter(run=run, state=Attempt.State.DONE)
        assert permit.n_claimed == done.count() == 3
        assert set(done.values_list("condition__language_model__name", flat=True)) == {"second"}
        assert Run.objects.get(pk=run.pk).state == Run.State.RUNNING
        take(do, worker, run, "first").ended.result(60)
        assert Run.objects.get(pk=run.pk).state == Run.State.COMPLETED
    assert Run.objects.get(pk=other.pk).state == Run.State.QUEUED


def test_a_batch_of_a_cancelled_run_ends_at_once(worker):
    run = make_run(language_models=[make_language_model(name="m")])
    run.cancel()
    with at_work(worker) as do:
        permit = take(do, worker, run, "m")
        permit.ended.result(60)
    assert permit.n_claimed == 0


def test_a_pause_ends_the_batch_and_gives_its_attempts_back(worker):
    slow = make_language_model(name="m", answers=["one two three 3"], seconds_per_token=0.05, max_in_flight=2)
    run = make_run(n=8, problems=20, language_models=[slow])
    with at_work(worker) as do:
        permit = take(do, worker, run, "m")
        wait_until(lambda: Attempt.objects.filter(run=run, state=Attempt.State.RUNNING).exists())
        Run.objects.get(pk=run.pk).pause()
        permit.ended.result(60)
        assert not Attempt.objects.filter(run=run, state=Attempt.State.RUNNING).exists()


def test_a_run_that_cannot_be_read_is_failed_by_whoever_gets_its_batch(worker):
    run = make_run()
    run.config["grader"]["name"] = "one that is gone"
    run.save()
    with at_work(worker) as do:
        take(do, worker, run, "").ended.result(60)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "one that is gone" in run.reason


def test_an_errand_is_taken_when_it_was_told_of(worker):
    entry, user = make_language_model(), make_user()
    problem = make_run().experiment.dataset.problems.first()
    asked = {"problem": problem, "messages": [{"role": "user", "content": "0 + 3 ="}], "seed": 1}
    untold, told = (Trial.objects.request(entry, user, **asked) for _ in range(2))

    async def tell() -> None:
        worker.take_errand("trial", told.pk)

    with at_work(worker) as do:
        do(tell())
        wait_until(lambda: Trial.objects.get(pk=told.pk).state == Trial.State.DONE)
        assert Trial.objects.get(pk=untold.pk).state == Trial.State.QUEUED
