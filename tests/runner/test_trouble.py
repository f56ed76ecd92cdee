"""What fails is told apart: a request that may work later, a model that never will, a bug, a method that gives up."""

import logging
import os
import shutil

import pytest

from experiments.domain.errors import InvalidInput
from experiments.inference.llama_cpp import library
from experiments.models import Attempt, Grade, LanguageModel, Run, Sample
from experiments.strategies.pool import Pool
from tests.factories import make_experiment, make_language_model, make_run
from tests.runner.working import impatient, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def test_transient_failures_are_tried_again_until_they_pass():
    run = make_run(n=16, problems=2, language_models=[make_language_model(transient_failures=0.2)])
    work_until_idle(impatient(tries=20))
    run.refresh_from_db()
    assert (run.state, run.n_samples, run.n_samples_failed) == (Run.State.COMPLETED, 32, 0)


def test_a_sample_that_keeps_failing_is_counted_as_failed_and_never_graded_as_wrong():
    run = make_run(n=32, problems=2, language_models=[make_language_model(transient_failures=0.7)])
    work_until_idle(impatient(tries=3))
    run.refresh_from_db()
    failed = Sample.objects.filter(run=run, finish_reason="failed")
    assert 0 < failed.count() == run.n_samples_failed < 64
    assert run.n_samples == 64
    assert all(sample.error.startswith("The script fails try") and not sample.text for sample in failed)
    assert set(Grade.objects.filter(sample__in=failed).values_list("verdict", "score")) == {("failed", None)}
    assert run.n_graded == 64 - run.n_samples_failed
    assert run.state == Run.State.COMPLETED


def test_a_run_whose_every_attempt_failed_fails_and_says_why():
    run = make_run(n=2, problems=3, language_models=[make_language_model(transient_failures=1)])
    work_until_idle(impatient(tries=2))
    run.refresh_from_db()
    assert (run.state, run.n_attempts_failed, run.n_samples_failed) == (Run.State.FAILED, 3, 6)
    assert run.reason.startswith("Every attempt failed. The first one: Every sample failed: The script fails try 2")


def test_a_permanent_error_fails_its_run_with_the_reason_and_leaves_the_others_alone():
    broken = make_run(n=4, problems=3, language_models=[make_language_model(permanent_failures=1)])
    healthy = make_run(n=4, problems=3)
    work_until_idle()
    broken.refresh_from_db()
    healthy.refresh_from_db()
    assert broken.state == Run.State.FAILED
    assert broken.reason.startswith("The script refuses this request for good")
    assert healthy.state == Run.State.COMPLETED
    assert not Attempt.objects.filter(run=broken, state=Attempt.State.RUNNING).exists()


def test_a_model_file_cut_in_half_fails_its_run_and_the_worker_lives(tmp_path, settings):
    whole = library.find(library.BUNDLED)
    settings.ASSAY_DATA_DIR = tmp_path
    (tmp_path / "models").mkdir()
    file = shutil.copy(whole, tmp_path / "models" / "half.gguf")
    entry = LanguageModel.objects.create(name="half", backend="llama_cpp", params={"file": "half.gguf"})
    broken = make_run(n=2, problems=1, language_models=[entry])
    healthy = make_run(n=2, problems=1)
    os.truncate(file, whole.stat().st_size // 2)
    work_until_idle()
    broken.refresh_from_db()
    healthy.refresh_from_db()
    assert broken.state == Run.State.FAILED
    assert broken.reason.startswith("“half” cannot be used: ")
    assert healthy.state == Run.State.COMPLETED


def test_a_model_for_which_there_is_no_memory_pauses_its_run_until_a_person_acts():
    params = {"context_tokens": 4_194_304, "flash_attention": "on"}
    entry = LanguageModel.objects.create(name="huge", backend="llama_cpp", params=params)
    run, healthy = make_run(n=2, problems=1, language_models=[entry]), make_run(n=2, problems=1)
    work_until_idle()
    run.refresh_from_db()
    healthy.refresh_from_db()
    assert (run.state, run.n_attempts_failed) == (Run.State.PAUSED, 0)
    assert "MiB are free. Lower the context tokens" in run.reason
    assert healthy.state == Run.State.COMPLETED


def test_a_bug_in_a_method_stops_the_run_with_a_short_note_and_logs_the_traceback(monkeypatch, caplog):
    async def solve(self, question, lab):
        await lab.generate(question.messages)
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(Pool, "solve", solve)
    run = make_run(n=2, problems=2)
    with caplog.at_level(logging.ERROR, "experiments"):
        work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "Sample a pool: ZeroDivisionError: oh" in run.reason
    assert "Traceback" not in run.reason
    assert "raise ZeroDivisionError" in caplog.text
    assert Sample.objects.filter(run=run).exists()


def test_a_method_that_gives_up_on_a_problem_fails_that_attempt_only(monkeypatch):
    solve = Pool.solve

    async def solve_or_give_up(self, question, lab):
        if question.key == "p1":
            raise InvalidInput("This problem has no choices to pick from.")
        return await solve(self, question, lab)

    monkeypatch.setattr(Pool, "solve", solve_or_give_up)
    run = make_run(n=2, problems=3)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.n_attempts_done, run.n_attempts_failed) == (Run.State.COMPLETED, 2, 1)
    assert Attempt.objects.get(run=run, state="failed").error == "This problem has no choices to pick from."


def test_a_plug_in_that_is_gone_fails_the_run_and_lists_what_there_is():
    run = make_run(make_experiment(n=2, problems=1))
    run.config["grader"]["name"] = "gone"
    run.save(update_fields=["config"])
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert run.reason.startswith("Unknown grader “gone”. Known: ")


def test_a_config_nobody_can_read_fails_its_run_and_the_worker_goes_on():
    unreadable, healthy = make_run(n=2, problems=1), make_run(n=2, problems=1)
    unreadable.config = {}
    unreadable.save(update_fields=["config"])
    work_until_idle()
    unreadable.refresh_from_db()
    healthy.refresh_from_db()
    assert (unreadable.state, healthy.state) == (Run.State.FAILED, Run.State.COMPLETED)
    assert "KeyError" in unreadable.reason
