"""What is fastest is measured with the real engine, remembered, and used where the options leave it open."""

import shutil

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from experiments.domain.errors import PermanentInferenceError
from experiments.inference.base import backends
from experiments.inference.llama_cpp import build, calibration, library
from experiments.models import LanguageModel

SMALL = {"context_tokens": 256, "slots": 2}


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    yield tmp_path
    shutil.rmtree(tmp_path / "unpacked", ignore_errors=True)  # large, and pytest keeps the folders of its last runs


def remember(backend, **choice):
    """Store a measurement as if it had been made."""
    choice = {"weights": "stored", "flash_attention": True, "n_threads": 7, "batch_tokens": 96, **choice}
    measured = calibration.Calibration(**choice, prompt_per_second=1.0, texts_per_second=1.0, measured_at="now", n_trials=1)
    settings = backend.engine_settings()
    calibration._write(calibration._key(library.find(backend.file), settings["n_cells"]), measured)


@pytest.mark.django_db
def test_calibrating_tries_ways_and_remembers_the_fastest(capsys):
    LanguageModel.objects.create(name="tiny", backend="llama_cpp", params=SMALL)
    call_command("calibrate", "tiny", "--although-busy")
    said = capsys.readouterr()
    assert said.err.count("tokens/s") >= 4
    assert "flash attention on" in said.err
    measured = backends.build("llama_cpp", SMALL).measurements()
    assert f"batch_tokens: {measured['batch_tokens']}" in said.out
    assert measured["prompt_per_second"] > 0
    assert measured["n_trials"] == said.err.count("tokens/s")
    used = backends.build("llama_cpp", SMALL).engine_settings()
    assert (used["flash_attention"], used["n_threads"]) == (measured["flash_attention"], measured["n_threads"])


def test_without_a_measurement_careful_defaults_apply():
    settings = backends.build("llama_cpp").engine_settings()
    assert (settings["flash_attention"], settings["batch_tokens"]) == (False, 512)
    assert settings["n_threads"] == build.n_physical_cores()


def test_a_measurement_fills_only_what_the_options_leave_open():
    remember(backends.build("llama_cpp"))
    free = backends.build("llama_cpp").engine_settings()
    assert (free["flash_attention"], free["n_threads"], free["batch_tokens"]) == (True, 7, 96)
    chosen = backends.build("llama_cpp", {"flash_attention": "off", "threads": 1, "batch_tokens": 64}).engine_settings()
    assert (chosen["flash_attention"], chosen["n_threads"], chosen["batch_tokens"]) == (False, 1, 64)


def test_a_measurement_holds_for_its_class_of_context_machine_and_engine_only(monkeypatch):
    remember(backends.build("llama_cpp"))
    assert backends.build("llama_cpp", {"context_tokens": 12_000}).measurements()["n_threads"] == 7
    assert backends.build("llama_cpp", {"context_tokens": 2000}).measurements() == {}
    monkeypatch.setattr(build, "engine_version", lambda: "another engine")
    assert backends.build("llama_cpp").measurements() == {}


def test_a_batch_is_never_smaller_than_the_texts_at_once():
    remember(backends.build("llama_cpp"), batch_tokens=32)
    assert backends.build("llama_cpp", {"slots": 128}).engine_settings()["batch_tokens"] == 128


def test_damaged_notes_count_as_none(data_folder):
    (data_folder / "calibration.json").write_text("{")
    assert backends.build("llama_cpp").measurements() == {}


def test_trials_that_do_not_finish_in_time_leave_nothing_behind(monkeypatch, data_folder):
    monkeypatch.setattr(calibration, "_SECONDS_FOR_ALL", 0.05)
    heard = []
    with pytest.raises(PermanentInferenceError, match="No trial ran to its end"):
        backends.build("llama_cpp", SMALL).calibrate(heard.append, although_busy=True)
    assert heard
    assert all("did not finish" in line for line in heard)
    assert not (data_folder / "calibration.json").exists()


@pytest.mark.django_db
def test_what_is_not_computed_here_cannot_be_measured():
    LanguageModel.objects.create(name="script", backend="scripted", params={"answers": ["3"]})
    with pytest.raises(CommandError, match="nothing to measure"):
        call_command("calibrate", "script")


def test_many_texts_in_a_small_context_are_measured_with_as_many_as_fit():
    settings = backends.build("llama_cpp", {"context_tokens": 256, "slots": 128, "weights": "stored"}).engine_settings()
    assert calibration.run_trial(settings, 128, 30)["texts_per_second"] > 0
