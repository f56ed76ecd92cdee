"""A worker draws the one sample that somebody wants to see, marks it, and says why where it could not."""

import pytest

from experiments.domain.types import Message
from experiments.inference.base import backends
from experiments.models import LanguageModel, Trial
from experiments.runner import presence
from tests.factories import make_dataset, make_language_model, make_user
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def ask(entry=None, **fields) -> Trial:
    problem = make_dataset(1).problems.get()
    sent = [{"role": "user", "content": problem.question}]
    fields = {"problem": problem, "messages": sent, "decoding": {"max_tokens": 8}, "seed": 1, **fields}
    return Trial.objects.request(entry or make_language_model(), make_user(), **fields)


def test_the_bundled_model_writes_one_sample_and_the_grader_marks_it(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    params = {"context_tokens": 256, "slots": 1, "weights": "stored"}
    trial = ask(LanguageModel.objects.create(name="local", backend="llama_cpp", params=params), grader="numeric")
    work_until_idle()
    trial.refresh_from_db()
    assert (trial.state, trial.reason) == (Trial.State.DONE, "")
    assert 0 < trial.completion_tokens <= 8
    counted = backends.build("llama_cpp", params).count_tokens((Message("user", trial.problem.question),))
    assert counted == (trial.prompt_tokens, True)
    assert trial.text
    assert trial.verdict in ("correct", "wrong", "unparsed", "truncated")


def test_the_verdict_comes_with_its_reason():
    trial = ask(make_language_model(answers=["The answer is 3."]), grader="numeric")
    work_until_idle()
    trial.refresh_from_db()
    assert (trial.text, trial.verdict) == ("The answer is 3.", "correct")
    assert trial.explanation


def test_without_a_grader_nothing_is_marked():
    trial = ask()
    work_until_idle()
    trial.refresh_from_db()
    assert (trial.state, trial.verdict) == (Trial.State.DONE, "")


def test_a_model_that_cannot_be_loaded_says_so():
    trial = ask(LanguageModel.objects.create(name="gone", backend="llama_cpp", params={"file": "gone.gguf"}))
    work_until_idle()
    trial.refresh_from_db()
    assert trial.state == Trial.State.FAILED
    assert "gone.gguf" in trial.reason


def test_what_is_stopped_while_it_waits_is_never_drawn():
    trial = ask()
    trial.cancel()
    work_until_idle()
    trial.refresh_from_db()
    assert (trial.state, trial.text) == (Trial.State.CANCELLED, "")


def test_what_is_stopped_while_it_is_written_stays_stopped():
    trial = ask()
    held = Trial.objects.claim(presence.register().pk)
    trial.cancel()
    assert not held.write("more")
    held.finish(text="the end")
    assert (held.state, held.text) == (Trial.State.CANCELLED, "")


def test_a_dead_worker_gives_it_up():
    trial, dead = ask(), presence.register()
    assert Trial.objects.claim(dead.pk) == trial
    assert Trial.objects.claim(dead.pk) is None
    presence.leave(dead)
    trial.refresh_from_db()
    assert (trial.state, trial.reason) == (Trial.State.FAILED, "Its worker stopped meanwhile or lost its connection. Try again.")
