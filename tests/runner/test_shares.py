"""Shares bound how many attempts of a person's or a team's runs are under way at once, whichever worker has them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from experiments.models import Attempt, Batch, Run, Team, Worker, clock
from experiments.models.shares import full_share
from experiments.reports.standing import standing
from experiments.runner import placing
from experiments.runner.claiming import claim
from experiments.runner.routes import routes_of
from tests.factories import make_experiment, make_run, make_user
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def make_worker() -> Worker:
    return Worker.objects.create(host="a", pid=1, process_started=0)


def claimed(run: Run, limit: int = 10) -> int:
    conditions = list(run.conditions.values_list("key", flat=True))
    return len(claim(run.pk, make_worker().pk, conditions, limit, lease_seconds=60))


def test_a_persons_share_counts_all_their_runs_and_nobody_elses():
    ada, bob = make_user(name="ada"), make_user(name="bob")
    ada.attempts_at_once = 4
    ada.save()
    first, second, other = (make_run(make_experiment(problems=3), user) for user in (ada, ada, bob))
    assert [claimed(first), claimed(second), claimed(other)] == [3, 1, 3]
    assert claimed(second) == 0
    assert full_share(second).in_words == "4 of ada’s 4 attempts at once are under way"
    assert full_share(other) is None


def test_the_labs_share_is_for_those_without_one_of_their_own(settings):
    settings.ASSAY_ATTEMPTS_AT_ONCE_PER_USER = 1
    ada, bob = make_user(), make_user()
    bob.attempts_at_once = 2
    bob.save()
    assert [claimed(make_run(make_experiment(problems=3), user)) for user in (ada, bob)] == [1, 2]


def test_a_teams_share_counts_the_runs_of_its_experiments():
    team = Team.objects.create(name="Readers", attempts_at_once=2)
    runs = [make_run(make_experiment(problems=3, team=team), make_user()) for _ in range(2)]
    assert [claimed(run) for run in runs] == [2, 0]


def test_a_lease_that_ran_out_and_a_finished_attempt_leave_their_places():
    ada = make_user()
    ada.attempts_at_once = 2
    ada.save()
    run, other = (make_run(make_experiment(problems=3), ada) for _ in range(2))
    assert claimed(run) == 2
    first, second = run.attempts.filter(state=Attempt.State.RUNNING)
    Attempt.objects.filter(pk=first.pk).update(state=Attempt.State.DONE)
    assert claimed(other) == 1
    Attempt.objects.filter(pk=second.pk).update(lease_until=clock.now() - timedelta(minutes=1))
    assert claimed(other) == 1


def test_a_run_with_a_share_of_one_attempt_ends_all_the_same():
    ada = make_user()
    ada.attempts_at_once = 1
    ada.save()
    run = make_run(make_experiment(n=1, problems=2), ada)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_attempts_done) == (Run.State.COMPLETED, 2)


def test_the_run_page_says_what_a_run_waits_for():
    ada = make_user(name="ada")
    ada.attempts_at_once = 3
    ada.save()
    make_worker()
    first, second = (make_run(make_experiment(problems=3), ada) for _ in range(2))
    claimed(first)
    text = standing(second, clock.now()).text
    assert text == "Waits for a place: 3 of ada’s 3 attempts at once are under way. It goes on by itself as they end."


def test_no_batch_is_placed_beyond_a_share(settings):
    settings.ASSAY_BROKER_URL = "memory://"
    routes_of.cache_clear()
    Worker.objects.create(host="here", pid=1, process_started=0, queues=["scripted"])
    ada = make_user()
    ada.attempts_at_once = 2
    ada.save()
    run = make_run(make_experiment(problems=9), ada)
    placing.place()
    assert Batch.objects.filter(run=run).count() == 2
    Batch.objects.all().delete()
    claimed(run)
    placing.place()
    assert not Batch.objects.filter(run=run).exists()


def test_workers_that_ask_at_the_same_moment_get_no_more_than_the_share_between_them():
    ada = make_user()
    ada.attempts_at_once = 6
    ada.save()
    runs = [make_run(make_experiment(problems=5), ada) for _ in range(4)]
    together = Barrier(len(runs))

    def ask(run: Run) -> int:
        try:
            together.wait(30)
            return claimed(run, 5)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(runs)) as threads:
        assert sum(threads.map(ask, runs)) == 6
    assert Attempt.objects.filter(state=Attempt.State.RUNNING).count() == 6
