"""Machines whose clocks are wrong: what they compare goes by the database's."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from experiments.models import Attempt, Regrading, Run, Scoring, Spending, Worker, clock
from experiments.models.calls import day_of
from experiments.models.vitals import Vitals
from experiments.runner import claiming, presence
from tests.factories import make_run

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
HANDS_EMPTY = {kind: set() for kind in (Attempt, Scoring, Regrading)}
only_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite's clock is this machine's")


@pytest.fixture(params=[HOUR, -HOUR, 25 * HOUR], ids=["an hour ahead", "an hour behind", "a day and an hour ahead"])
def wrong_clock(request, monkeypatch) -> timedelta:
    """From here on this process believes in another time than the database."""

    def set_wrong():
        monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + request.param)

    monkeypatch.setattr(clock, "_measured", None)
    return set_wrong


@pytest.fixture
def run():
    return make_run(n=2, problems=3)


def a_worker(host: str) -> Worker:
    return Worker.objects.create(host=host, pid=1, process_started=0)


def test_a_wrong_clock_takes_nobodys_attempts_and_loses_none(run, wrong_clock):
    right, wrong = a_worker("right"), a_worker("wrong")
    first = Attempt.objects.claim(run, right.pk, 1, lease_seconds=30)
    wrong_clock()
    second = Attempt.objects.claim(run, wrong.pk, 9, lease_seconds=30)
    assert [each.position for each in first + second] == [0, 1, 2]
    assert Attempt.objects.renew(wrong.pk, lease_seconds=30) == 2
    assert Attempt.objects.claim(run, right.pk, 9, lease_seconds=30) == []


def test_a_wrong_clock_takes_over_what_has_run_out(run, wrong_clock):
    right, wrong = a_worker("right"), a_worker("wrong")
    Attempt.objects.claim(run, right.pk, 1, lease_seconds=-1)
    wrong_clock()
    assert Attempt.objects.claim(run, wrong.pk, 1, lease_seconds=30)[0].tries == 2


@pytest.mark.parametrize("kind", [Scoring, Regrading])
def test_a_wrong_clock_takes_nobodys_errands(run, wrong_clock, kind):
    kind.objects.create(run=run, key="k", **({"config": {}} if kind is Scoring else {"grader": "numeric"}))
    assert kind.objects.claim(a_worker("right").pk, lease_seconds=30)
    wrong_clock()
    assert not kind.objects.claim(a_worker("wrong").pk, lease_seconds=30)


def test_a_wrong_clock_takes_nobody_for_dead_and_is_not_taken_for_dead(run, wrong_clock):
    right, wrong = a_worker("right"), a_worker("wrong")
    Attempt.objects.claim(run, right.pk, 1, lease_seconds=30)
    wrong_clock()
    presence.beat(wrong, 30, Vitals(version="1"), HANDS_EMPTY)
    assert presence.any_alive()
    presence.release_dead(right)
    assert not Worker.objects.exclude(stopped_at=None).exists()


def test_a_wrong_clock_ends_pauses_in_time(run, wrong_clock):
    late, early = run, make_run(experiment=run.experiment)
    late.pause("The endpoint is down.", resume_at=timezone.now() + timedelta(minutes=30))
    early.pause("The endpoint is down.", resume_at=timezone.now() - timedelta(seconds=1))
    wrong_clock()
    claiming.states_of_runs([])
    assert set(Run.objects.values_list("pk", "state")) == {(late.pk, Run.State.PAUSED), (early.pk, Run.State.QUEUED)}


def test_a_worker_of_another_machine_that_fell_silent_gives_back_what_it_held_until_it_speaks_again(run):
    silent, alive = a_worker("silent"), a_worker("alive")
    Attempt.objects.claim(run, silent.pk, 1, lease_seconds=3600)
    run.drafts.create(worker=silent, texts=["a text"])
    presence.release_dead(alive)
    assert Attempt.objects.filter(worker=silent).exists()
    Worker.objects.filter(pk=silent.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=presence.SILENCE_SECONDS + 1))
    presence.release_dead(alive)
    assert not Attempt.objects.filter(worker=silent).exists()
    assert run.drafts.get().texts == []
    assert Worker.objects.get(pk=silent.pk).stopped_at
    presence.beat(silent, 30, Vitals(version="1"), HANDS_EMPTY)
    assert Worker.objects.get(pk=silent.pk).stopped_at is None


@only_postgresql
def test_what_a_wrong_clock_notes_is_right_once_it_was_compared(run, wrong_clock, caplog, monkeypatch):
    monkeypatch.setattr(presence, "_warned_at", -math.inf)  # an earlier test may have been warned
    wrong_clock()
    ahead = timezone.now() - datetime.now(UTC)
    me = presence.register()
    assert Worker.objects.get(pk=me.pk).clock_offset == pytest.approx(-ahead.total_seconds(), abs=5)
    assert "This machine's clock is" in caplog.text
    right = pytest.approx(datetime.now(UTC).timestamp(), abs=5)
    assert clock.now().timestamp() == right
    assert clock.at(timezone.now().timestamp()).timestamp() == right
    assert make_run(experiment=run.experiment).created_at.timestamp() == right
    with connection.cursor() as cursor:
        cursor.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
        today = cursor.fetchone()[0]
    Spending.objects.book(run.pk, day_of(clock.at(timezone.now().timestamp())), 0.5, 0.0)
    assert Spending.objects.get().day == today
    assert Spending.objects.today().totals() == (0.5, 0.0)


def test_on_one_machine_the_clock_is_its_own(monkeypatch):
    monkeypatch.setattr(clock, "_measured", None)
    assert clock.measure() == pytest.approx(0, abs=1)
    assert abs(clock.read() - timezone.now()) < timedelta(seconds=1)
