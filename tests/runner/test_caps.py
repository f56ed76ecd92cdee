"""A spending cap pauses runs before it is crossed, says which one and what is missing, and lets them go on once raised."""

from datetime import timedelta

import pytest

from experiments.models import Call, Experiment, Run, Spending, Team, clock
from experiments.models.calls import day_of
from tests.factories import make_run, make_user
from tests.runner.paying import COST, MOST, check_books, make_paid_experiment
from tests.runner.working import work_until_idle
from tests.servers.threads import answering, served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    with served(answering(seconds=0.02)) as server:
        yield server


def spent() -> float:
    return sum(Call.objects.values_list("cost", flat=True))


def test_a_runs_cap_is_used_up_as_far_as_possible_and_never_crossed(server):
    run = make_run(make_paid_experiment(server, n=20, problems=1, spending_cap=200))
    work_until_idle()
    check_books(run)
    assert run.state == Run.State.PAUSED
    assert run.resume_at is None
    assert 200 - MOST < run.cost <= 200
    assert run.n_samples == run.n_calls == run.cost / COST
    assert run.reason == (
        f"This run's spending cap is 200: {run.cost:.4g} is spent, and the next call may cost up to {MOST}. "
        "Raise it, then resume the run."
    )

    run.cap_spending(20 * COST + MOST)
    run.resume()
    work_until_idle()
    check_books(run)
    assert (run.state, run.n_samples, run.n_calls, run.cost) == (Run.State.COMPLETED, 20, 20, 20 * COST)


def test_a_cap_below_one_call_asks_nothing(server):
    run = make_run(make_paid_experiment(server, n=2, problems=1, spending_cap=MOST - 1))
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_calls) == (Run.State.PAUSED, 0)
    assert not server.requests


def test_a_persons_daily_cap_is_shared_by_their_runs_and_leaves_others_alone(server, settings):
    settings.ASSAY_DAILY_SPENDING_CAP_PER_USER = 1000
    experiment = make_paid_experiment(server, n=10, problems=1)
    ada, bob = make_user(name="ada"), make_user(name="bob")
    ada.daily_spending_cap = 150
    ada.save()
    runs = [make_run(experiment, ada), make_run(experiment, ada), make_run(experiment, bob)]
    work_until_idle()
    for run in runs:
        check_books(run)
    assert [run.state for run in runs] == [Run.State.PAUSED, Run.State.PAUSED, Run.State.COMPLETED]
    assert 150 - MOST < runs[0].cost + runs[1].cost <= 150
    assert runs[0].reason.startswith("The spending cap of ada a day is 150: ")


def test_the_labs_daily_cap_holds_for_everybody_together(server, settings):
    settings.ASSAY_DAILY_SPENDING_CAP = 150
    experiment = make_paid_experiment(server, n=10, problems=1)
    runs = [make_run(experiment, make_user()), make_run(experiment)]
    work_until_idle()
    for run in runs:
        check_books(run)
        assert run.state == Run.State.PAUSED
        assert run.reason.startswith("The lab's spending cap a day is 150: ")
    assert 150 - MOST < spent() <= 150


def test_free_models_know_no_caps(settings):
    settings.ASSAY_DAILY_SPENDING_CAP = 0
    run = make_run(n=2, problems=1, spending_cap=0)
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED


def test_a_teams_monthly_cap_counts_every_day_of_the_month_and_leaves_others_alone(server):
    team = Team.objects.create(name="Readers", daily_spending_cap=1000, monthly_spending_cap=150)
    experiment = make_paid_experiment(server, n=10, problems=1)
    theirs, other = make_paid_experiment(server, n=10, problems=1), make_run(experiment)
    earlier = make_run(theirs)
    earlier.cancel()
    Experiment.objects.filter(pk=theirs.pk).update(team=team)
    today = day_of(clock.now())
    Spending.objects.book(earlier.pk, today.replace(day=1), 100, 0)
    Spending.objects.book(earlier.pk, today.replace(day=1) - timedelta(days=1), 500, 0)
    run = make_run(theirs)
    work_until_idle()
    for each in (run, other):
        each.refresh_from_db()
    assert (run.state, other.state) == (Run.State.PAUSED, Run.State.COMPLETED)
    assert 50 - MOST < run.cost <= 50
    assert run.reason.startswith("The spending cap of the team Readers a month is 150: ")
    assert run.reason.endswith("Raise it or wait until next month, then resume the run.")
