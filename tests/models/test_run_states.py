"""A run's state moves only along its verbs, and each verb tells whether it happened."""

import pytest

from experiments.models import Dataset, Experiment, Run

pytestmark = pytest.mark.django_db
S = Run.State


@pytest.fixture
def run():
    dataset = Dataset.objects.create(name="sums", version=1, source="test", n_problems=1)
    experiment = Experiment.objects.create(name="sums", dataset=dataset, grader="exact")
    return Run.objects.create(experiment=experiment, config={}, seed=1)


MOVES = {
    "start": {S.QUEUED: S.RUNNING},
    "pause": {S.QUEUED: S.PAUSED, S.RUNNING: S.PAUSED},
    "resume": {S.PAUSED: S.QUEUED},
    "cancel": {S.QUEUED: S.CANCELLED, S.RUNNING: S.CANCELLED, S.PAUSED: S.CANCELLED},
    "complete": {S.QUEUED: S.COMPLETED, S.RUNNING: S.COMPLETED},
}


@pytest.mark.parametrize("verb", MOVES)
@pytest.mark.parametrize("state", S.values)
def test_every_verb_moves_from_its_states_only(run, verb, state):
    Run.objects.update(state=state)
    moved = getattr(run, verb)()
    assert moved == (state in MOVES[verb])
    assert run.state == MOVES[verb].get(state, state)


def test_a_move_raises_the_revision_that_live_pages_follow(run):
    run.start()
    run.start()
    assert run.revision == 1


def test_a_started_run_resumes_as_running(run):
    run.start()
    run.pause("No disk space.")
    assert run.reason == "No disk space."
    run.resume()
    assert (run.state, run.reason) == (S.RUNNING, "")


def test_failing_keeps_the_reason_and_the_time(run):
    assert run.fail("The model file is cut off.")
    assert run.is_finished
    assert run.reason == "The model file is cut off."
    assert run.finished_at is not None
