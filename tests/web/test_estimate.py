"""What a run will take, told on the experiment's page and by the API, and the pilot that finds out."""

import pytest

from experiments.models import Attempt, Run, Sample
from tests.api.clients import client_of
from tests.factories import make_experiment, make_run, make_sample
from tests.servers.sharing import TRUTH

pytestmark = pytest.mark.django_db


def test_without_earlier_attempts_a_pilot_is_offered_and_started(editor):
    experiment = make_experiment(problems=12)
    fragment = editor.get(f"/experiments/{experiment.pk}/estimate/").content.decode()
    assert "not known yet" in fragment
    assert client_of(editor.user).get(f"/api/experiments/{experiment.pk}/estimate/").data == {
        "estimate": None,
        "ways_of_asking": {},
    }
    response = editor.post(f"/experiments/{experiment.pk}/pilot/")
    pilot = Run.objects.get()
    assert (response.url, pilot.is_pilot, pilot.n_attempts) == (pilot.get_absolute_url(), True, 5)
    assert "pilot" in editor.get(response.url).content.decode()


def test_earlier_attempts_give_an_estimate_with_its_interval(viewer):
    experiment = make_experiment(n=4, problems=3, spending_cap=1.0)
    for number, attempt in enumerate(make_run(experiment).attempts.all()):
        for index in range(4):
            make_sample(attempt, index)
        Sample.objects.filter(attempt=attempt).update(cost=0.5 + number / 10)
    Attempt.objects.update(state="done")
    page = viewer.get(f"/experiments/{experiment.pk}/estimate/").content.decode()
    assert "<dt>cost, expected</dt><dd>7.20</dd>" in page  # 12 samples at 0.6 each
    assert "The run may reach its spending cap" in page
    assert "Run a pilot" not in page
    cost = client_of(viewer.user).get(f"/api/experiments/{experiment.pk}/estimate/").data["estimate"]["cost"]
    assert cost["expected"] == pytest.approx(7.2)
    assert cost["low"] < 7.2 < cost["high"]


def test_it_says_whether_samples_share_calls_and_why(viewer):
    experiment = make_experiment()
    entry = experiment.language_models.get()
    entry.backend, entry.params = "openai_api", {"base_url": "https://gpu.example/v1", "model": "m", "logprobs": True}
    entry.save()
    address = f"/experiments/{experiment.pk}/estimate/"
    assert "One call per sample: only a truth test could show" in viewer.get(address).content.decode()
    entry.truth = TRUTH
    entry.save()
    assert "Native n: up to 8 samples of one prompt share a call" in viewer.get(address).content.decode()
    told = client_of(viewer.user).get(f"/api/experiments/{experiment.pk}/estimate/").data["ways_of_asking"]
    assert told[entry.name].startswith("Native n")


def test_a_viewer_starts_no_pilot(viewer):
    experiment = make_experiment()
    assert viewer.post(f"/experiments/{experiment.pk}/pilot/").status_code == 403
    assert client_of(viewer.user).post(f"/api/experiments/{experiment.pk}/pilot/").status_code == 403
    assert not Run.objects.exists()


def test_a_plan_that_cannot_run_says_why(editor):
    experiment = make_experiment()
    experiment.variants.clear()
    page = editor.get(f"/experiments/{experiment.pk}/estimate/").content.decode()
    assert "Run a pilot" not in page
    assert "variant" in page
    assert "Not started" in editor.post(f"/experiments/{experiment.pk}/pilot/", follow=True).content.decode()
