"""A worker measures what people asked for, and says how far it is and why it could not."""

import pytest

from experiments.inference.base import backends
from experiments.inference.llama_cpp import calibration
from experiments.models import LanguageModel, Measurement
from experiments.runner import presence
from tests.factories import make_language_model, make_user
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"context_tokens": 256, "slots": 2, "weights": "stored"}


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path


@pytest.fixture
def asked():
    def ask(entry) -> Measurement:
        return Measurement.objects.request(entry, make_user(name="curious"))

    return ask


def test_what_was_tried_is_told_and_the_best_is_used(asked, monkeypatch):
    monkeypatch.setattr(calibration, "_BUSY_CORES_ALLOWED", 1000)
    measurement = asked(LanguageModel.objects.create(name="local", backend="llama_cpp", params=SMALL))
    work_until_idle()
    measurement.refresh_from_db()
    assert (measurement.state, measurement.reason) == (Measurement.State.DONE, "")
    assert "tokens/s" in measurement.trials[0]
    assert backends.build("llama_cpp", SMALL).measurements()["n_trials"] >= 1


def test_a_busy_machine_measures_nothing_and_says_so(asked, monkeypatch):
    monkeypatch.setattr(calibration, "_BUSY_CORES_ALLOWED", -1)
    measurement = asked(LanguageModel.objects.create(name="local", backend="llama_cpp", params=SMALL))
    work_until_idle()
    measurement.refresh_from_db()
    assert measurement.state == Measurement.State.FAILED
    assert "This machine is busy" in measurement.reason
    assert measurement.trials == []


def test_a_model_that_is_not_computed_here_says_so(asked):
    measurement = asked(make_language_model())
    work_until_idle()
    measurement.refresh_from_db()
    assert "nothing to measure" in measurement.reason


def test_asking_twice_measures_once_and_a_dead_worker_gives_it_up(asked):
    entry = make_language_model()
    first = asked(entry)
    assert Measurement.objects.request(entry, first.requested_by) == first
    dead = presence.register()
    assert Measurement.objects.claim(dead.pk) == first
    assert Measurement.objects.claim(dead.pk) is None
    presence.leave(dead)
    first.refresh_from_db()
    assert (first.state, first.reason) == (
        Measurement.State.FAILED,
        "Its worker stopped meanwhile or lost its connection. Measure again.",
    )
