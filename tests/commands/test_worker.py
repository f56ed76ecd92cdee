"""The worker process starts, is seen, and stops cleanly."""

import signal

import psutil
import pytest

from experiments.models import Attempt, Worker, WorkerDraft
from experiments.runner import presence
from tests.factories import make_language_model, make_run
from tests.runner.processes import WorkerProcess, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_the_middle_of_a_text_and_its_attempts_are_free(tmp_path, number):
    script = make_language_model(answers=["one two three"], seconds_per_token=5)
    run = make_run(n=4, problems=3, language_models=[script])
    with WorkerProcess(tmp_path / "requests.jsonl") as worker:
        wait_until(lambda: Attempt.objects.filter(run=run, state=Attempt.State.RUNNING).exists())
        worker.process.send_signal(number)
        # Long before the text is written, which takes 15 s.
        assert worker.process.wait(10) == 0
    assert set(Attempt.objects.filter(run=run).values_list("state", "worker")) == {("pending", None)}
    assert not WorkerDraft.objects.exclude(texts=[]).exists()
    assert Worker.objects.get().stopped_at is not None
    assert not presence.any_alive()


def test_a_living_worker_is_known_as_alive_and_a_killed_one_is_not(tmp_path):
    assert not presence.any_alive()
    with WorkerProcess(tmp_path / "requests.jsonl") as worker:
        wait_until(presence.any_alive)
        known = Worker.objects.get()
        assert known.pid == worker.process.pid
        assert known.process_started == pytest.approx(psutil.Process(worker.process.pid).create_time(), abs=0.1)
        worker.kill()
    assert not presence.any_alive()


def test_a_reused_process_number_is_not_taken_for_the_worker():
    me = presence.register()
    assert presence.any_alive()
    Worker.objects.filter(pk=me.pk).update(process_started=me.process_started - 3600)
    assert not presence.any_alive()
