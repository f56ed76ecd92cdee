"""What a worker has by the database and does not know of, since the connection broke just when it claimed it."""

import pytest
from django.db import transaction

from experiments.management.working import new_worker
from experiments.models import Attempt, LanguageModel, Measurement, Run, Trial, TruthTest, Worker
from experiments.runner import presence
from experiments.runner.regradings import begin_regrading
from tests.factories import make_dataset, make_language_model, make_run, make_user
from tests.runner.processes import wait_until
from tests.runner.working import at_work, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def the_worker() -> int:
    return wait_until(lambda: Worker.objects.filter(stopped_at=None).values_list("pk", flat=True).first())


def test_attempts_that_a_worker_claimed_without_hearing_of_it_are_done_all_the_same():
    with at_work(new_worker(lease_seconds=1.2)):
        worker = the_worker()
        with transaction.atomic():
            run = make_run(n=1, problems=4)
            assert len(Attempt.objects.claim(run, worker, 3, lease_seconds=1.2)) == 3
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.COMPLETED)
    assert list(Attempt.objects.values_list("state", "tries").order_by("position")) == [("done", 2)] * 3 + [("done", 1)]


def test_a_regrading_that_a_worker_claimed_without_hearing_of_it_is_done_all_the_same():
    run = make_run(n=1, problems=2)
    work_until_idle()
    run.refresh_from_db()
    other = next(name for name in ("exact", "numeric") if not run.config["grader"]["key"].startswith(name))
    with at_work(new_worker(lease_seconds=1.2)):
        worker = the_worker()
        with transaction.atomic():
            regrading = begin_regrading(run, other, {}, make_user())
            assert type(regrading).objects.claim(worker, lease_seconds=1.2) == regrading
        wait_until(lambda: type(regrading).objects.get(pk=regrading.pk).state == regrading.State.COMPLETED)


def a_truth_test(entry: LanguageModel) -> TruthTest:
    return TruthTest.objects.request(entry, make_user())


def a_measurement(entry: LanguageModel) -> Measurement:
    return Measurement.objects.request(entry, make_user())


def a_trial(entry: LanguageModel) -> Trial:
    problem = make_dataset(1).problems.get()
    return Trial.objects.request(entry, make_user(), problem=problem, messages=[{"role": "user", "content": "1 + 1?"}], seed=1)


@pytest.mark.parametrize("asked_for", [a_truth_test, a_measurement, a_trial])
def test_who_waits_for_an_errand_that_nobody_does_is_told(asked_for):
    with at_work(new_worker(lease_seconds=1.2)):
        worker = the_worker()
        with transaction.atomic():
            errand = asked_for(make_language_model())
            assert type(errand).objects.claim(worker) == errand
        wait_until(lambda: type(errand).objects.get(pk=errand.pk).state == errand.State.FAILED)
    errand.refresh_from_db()
    assert errand.reason.startswith("Its worker stopped meanwhile or lost its connection.")


def test_what_a_worker_is_about_to_hear_of_is_not_given_up():
    worker, strays = presence.register(), presence.Strays()
    test = a_truth_test(make_language_model())
    assert TruthTest.objects.claim(worker.pk) == test
    empty = {TruthTest: set(), Measurement: set(), Trial: set()}
    strays.give_up(worker, empty)
    strays.give_up(worker, empty | {TruthTest: {test.pk}})
    strays.give_up(worker, empty)
    test.refresh_from_db()
    assert test.state == TruthTest.State.RUNNING
