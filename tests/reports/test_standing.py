"""How a run stands, in words that say what to do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import Worker
from experiments.reports.standing import SILENCE, standing
from tests.factories import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run()


@pytest.fixture
def worker():
    return Worker.objects.create(host="here", pid=1, process_started=0.0)


def test_a_queued_run_waits_for_a_living_worker(run, worker):
    assert standing(run, timezone.now()).text == "In the queue: a worker takes it up next."
    assert standing(run, timezone.now()).tone == "info"


def test_a_worker_that_fell_silent_or_stopped_counts_as_gone(run, worker):
    later = worker.heartbeat_at + SILENCE + timedelta(seconds=1)
    assert "No worker is alive, so the run waits in the queue" in standing(run, later).text
    Worker.objects.update(stopped_at=timezone.now())
    assert standing(run, timezone.now()).tone == "warning"


def test_a_running_run_without_a_worker_stands_still(run):
    run.start()
    assert "stands still; nothing stored is lost" in standing(run, timezone.now()).text


def test_a_run_under_way_or_done_needs_no_words(run, worker):
    run.start()
    assert standing(run, timezone.now()).text == ""
    run.complete()
    assert standing(run, timezone.now() + timedelta(days=1)).text == ""


def test_the_reason_is_said_where_there_is_one(run):
    run.pause("No space left.")
    assert standing(run, timezone.now()).text == "No space left."
    run.resume()
    run.pause()
    assert standing(run, timezone.now()).text.startswith("Paused.")
    run.fail("The model file is cut in half.")
    assert (standing(run, timezone.now()).text, standing(run, timezone.now()).tone) == ("The model file is cut in half.", "error")
