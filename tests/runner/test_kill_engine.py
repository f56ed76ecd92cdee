"""The real engine's process, and its worker, killed at random moments of a run."""

import random
import time

import psutil
import pytest

from experiments.models import LanguageModel, Sample
from tests.factories import make_experiment, make_run
from tests.runner.processes import WorkerProcess, wait_until
from tests.runner.test_kill import check_findings_are_those_of_an_undisturbed_run, check_nothing_was_lost_or_asked_twice

pytestmark = pytest.mark.django_db(transaction=True)


def engine_of(worker: WorkerProcess) -> psutil.Process | None:
    """The worker's living engine process, if there is one now."""
    for child in worker.children():
        try:
            if "llama_cpp.child" in " ".join(child.cmdline()):
                return child
        except psutil.Error:
            continue  # it ended while we looked
    return None


def test_kills_of_engine_and_worker_lose_nothing(tmp_path):
    n, moments = 4, random.Random(3)
    bundled = LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"slots": 4})
    experiment = make_experiment(n=n, problems=12, language_models=[bundled], decoding={"max_tokens": 16})
    run = make_run(experiment)
    log = tmp_path / "requests.jsonl"

    def wait_for_a_new_sample() -> None:
        before = Sample.objects.count()
        wait_until(lambda: Sample.objects.count() > before, 60)
        time.sleep(moments.uniform(0, 0.3))

    with WorkerProcess(log) as worker:
        for _ in range(2):
            wait_for_a_new_sample()
            engine = engine_of(worker)
            engine.kill()
            assert worker.process.poll() is None
            wait_until(lambda engine=engine: engine_of(worker) not in (None, engine), 60)
        orphan = engine_of(worker)
        worker.kill()
        wait_until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)
    with WorkerProcess(log, "--until-idle") as worker:
        assert worker.process.wait(120) == 0
    check_nothing_was_lost_or_asked_twice(run, n, log)
    check_findings_are_those_of_an_undisturbed_run(run)
