"""The real engine under runs: one that keeps dying pauses its runs, a prompt that does not fit fails alone."""

import os
import signal
import threading

import psutil
import pytest

from experiments.domain.types import ProblemDraft
from experiments.models import Attempt, Dataset, LanguageModel, Run, Sample
from tests.factories import make_experiment, make_language_model, make_run
from tests.runner.processes import wait_until
from tests.runner.working import at_work, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def engines() -> list[psutil.Process]:
    """The living engine processes of this test's workers."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "llama_cpp.child" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue  # it ended while we looked
    return found


class Killer(threading.Thread):
    """Kills every engine that appears."""

    def __init__(self):
        super().__init__()
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.wait(0.02):
            for engine in engines():
                try:
                    os.kill(engine.pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self.join()


def test_an_engine_that_keeps_dying_pauses_its_run_while_others_go_on_and_resuming_goes_on():
    dying = LanguageModel.objects.create(name="dying", backend="llama_cpp", params={"slots": 4, "context_tokens": 1024})
    run = make_run(make_experiment(n=2, problems=2, language_models=[dying], decoding={"max_tokens": 8}))
    healthy = make_run(n=4, problems=3, language_models=[make_language_model()])

    def state() -> str:
        run.refresh_from_db()
        return run.state

    with at_work():
        with Killer():
            wait_until(lambda: state() == Run.State.PAUSED, 60)
        assert "died 3 times without finishing a text" in run.reason
        wait_until(lambda: Run.objects.get(pk=healthy.pk).state == Run.State.COMPLETED, 30)
        assert run.n_samples == 0
        assert run.resume()
        wait_until(lambda: state() == Run.State.COMPLETED, 60)
    assert (run.n_samples, run.n_samples_failed) == (4, 0)


def test_a_prompt_longer_than_the_context_fails_its_attempt_and_not_the_run():
    small = LanguageModel.objects.create(name="small", backend="llama_cpp", params={"context_tokens": 256, "slots": 2})
    questions = {"p0": "0 + 3 =", "p1": "1" + " + 1" * 200, "p2": "2 + 3 ="}
    drafts = [ProblemDraft(key=key, question=question, answers=("3",)) for key, question in questions.items()]
    dataset = Dataset.objects.store("one too long", drafts, source="test", source_params={})
    run = make_run(make_experiment(n=2, dataset=dataset, language_models=[small], decoding={"max_tokens": 4}))
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_attempts_done, run.n_attempts_failed) == (Run.State.COMPLETED, 2, 1)
    failed = Attempt.objects.get(run=run, state=Attempt.State.FAILED)
    assert failed.problem.key == "p1"
    assert "prompt and answer together may have 256" in failed.error
    assert set(Sample.objects.filter(attempt=failed).values_list("finish_reason", "text")) == {("failed", "")}
