"""The part of a local model's page that tells what is fastest here, and the button that measures it again."""

import pytest

from experiments.models import LanguageModel, Measurement
from tests.factories import make_language_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def local():
    return LanguageModel.objects.create(name="local", backend="llama_cpp")


def test_the_button_has_a_worker_measure_and_the_page_follows_it(editor, local):
    page = editor.get(local.get_absolute_url()).content.decode()
    assert "Not measured yet" in page
    assert "Measure now" in page
    response = editor.post(f"/models/{local.pk}/measure/")
    assert response.url == f"/models/{local.pk}/#measurements"
    measurement = Measurement.objects.get()
    assert measurement.state == Measurement.State.QUEUED
    part = editor.get(f"/models/{local.pk}/measurements/").content.decode()
    assert "No worker is running that could measure" in part
    assert 'hx-trigger="every 1s"' in part
    Measurement.objects.update(state="running", trials=["weights bf16: prompt 900, texts 400 tokens/s"])
    assert "weights bf16: prompt 900" in editor.get(f"/models/{local.pk}/measurements/").content.decode()
    Measurement.objects.update(state="failed", reason="This machine is busy.")
    part = editor.get(f"/models/{local.pk}/measurements/").content.decode()
    assert "Nothing was measured. This machine is busy." in part
    assert "every 1s" not in part


def test_who_may_only_look_may_not_measure(viewer, local):
    assert "Measure now" not in viewer.get(local.get_absolute_url()).content.decode()
    assert viewer.post(f"/models/{local.pk}/measure/").status_code == 403


def test_a_local_models_file_is_described_with_its_template_licence_and_hash(editor, local):
    page = editor.get(local.get_absolute_url()).content.decode()
    assert "apache-2.0" in page
    assert "b179c9523d0e6a0f98a330c7562b6827" in page
    assert "{% for message in messages %}" in page


def test_a_model_that_is_not_computed_here_has_no_such_part(editor):
    assert "Fastest here" not in editor.get(make_language_model().get_absolute_url()).content.decode()
