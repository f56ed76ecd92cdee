"""Prompts, language models and experiments through the API end in the same verbs as on the pages."""

import pytest

from experiments.models import Experiment, LanguageModel, Variant
from tests.api.clients import client_as
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_variant

pytestmark = pytest.mark.django_db


def plan(**changes) -> dict:
    return {
        "name": "planned",
        "dataset": make_dataset().pk,
        "variants": [make_variant().pk],
        "language_models": [make_language_model().pk],
        "study": "best_of_n",
        "study_params": {"n": 8},
        "grader": "numeric",
        "verifiers": [{"name": "mean_logprob"}],
        "decoding": {"temperature": 0.5},
        **changes,
    }


def test_from_nothing_to_a_queued_run():
    client = client_as("editor")
    dataset = client.post(
        "/api/datasets/", {"name": "sums", "problems": [{"key": "a", "question": "1 + 2", "answers": ["3"]}]}
    ).json()
    prompt = client.post("/api/prompts/", {"name": "arithmetic"}).json()
    variant = client.post(
        "/api/variants/", {"prompt": prompt["id"], "name": "plain", "template": "Compute {{ question }}\n"}
    ).json()
    model = client.post("/api/language_models/", {"name": "script", "backend": "scripted", "params": {"answers": ["3"]}}).json()
    experiment = client.post(
        "/api/experiments/",
        plan(dataset=dataset["id"], variants=[variant["id"]], language_models=[model["id"]]),
    ).json()
    run = client.post(f"/api/experiments/{experiment['id']}/start/").json()
    assert (run["state"], run["n_samples_planned"]) == ("queued", 8)
    assert Variant.objects.get(pk=variant["id"]).template == "Compute {{ question }}\n"


def test_writing_a_variant_again_is_its_next_version_and_the_same_wording_is_not():
    client, prompt = client_as("editor"), make_variant().prompt
    wording = {"prompt": prompt.pk, "name": "short", "template": "{{ question }}"}
    first = client.post("/api/variants/", wording).json()
    same = client.post("/api/variants/", wording).json()
    second = client.post("/api/variants/", {**wording, "template": "{{ question }} ="}).json()
    assert (first["version"], same["version"], second["version"]) == (1, 1, 2)
    assert second["parent"] == first["id"]
    listed = client.get(f"/api/variants/?prompt={prompt.pk}").json()["results"]
    assert [variant["id"] for variant in listed][:2] == [second["id"], first["id"]]


def test_an_unclosed_slot_is_refused_with_its_place():
    prompt = make_variant().prompt
    body = {"prompt": prompt.pk, "name": "broken", "template": "{{ question"}
    refused = client_as("editor").post("/api/variants/", body)
    assert refused.json()["error"]["fields"]["template"][0].startswith("Line 1, column 1: a slot is opened")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"study_params": {"n": 0}}, "(given: 0)"),
        ({"decoding": {"temperature": -1}}, "Temperature: Input should be greater than or equal to 0 (given: -1)"),
        ({"grader": "guess"}, "Unknown grader “guess”. Known: "),
        ({"study": "guess"}, "Unknown study “guess”. Known: "),
        ({"verifiers": [{"name": "guess"}]}, "Unknown verifier “guess”. Known: "),
        ({"decoding": {"temprature": 1}}, "temprature"),
        ({"language_models": []}, ""),
    ],
)
def test_a_plan_that_could_not_run_is_refused_and_not_stored(changes, message):
    refused = client_as("editor").post("/api/experiments/", plan(**changes))
    assert refused.status_code == 400
    assert message in refused.json()["error"]["message"]
    assert not Experiment.objects.exists()


def test_a_change_that_could_not_run_changes_nothing():
    experiment = make_experiment(n=4)
    refused = client_as("editor").patch(f"/api/experiments/{experiment.pk}/", {"name": "new", "study_params": {"n": -1}})
    assert refused.status_code == 400
    experiment.refresh_from_db()
    assert (experiment.name != "new", experiment.study_params) == (True, {"n": 4})


def test_an_experiment_is_changed_duplicated_and_deleted():
    experiment, client = make_experiment(name="sums"), client_as("editor")
    address = f"/api/experiments/{experiment.pk}/"
    assert client.patch(address, {"repeats": 3}).json()["repeats"] == 3
    copy = client.post(f"{address}duplicate/").json()
    assert (copy["name"], copy["repeats"]) == ("sums (copy)", 3)
    assert copy["variants"] == [variant.pk for variant in experiment.variants.all()]
    assert client.delete(address).status_code == 204
    assert [each.name for each in Experiment.objects.all()] == ["sums (copy)"]


def test_an_experiment_with_runs_is_kept():
    run = make_run()
    refused = client_as("editor").delete(f"/api/experiments/{run.experiment_id}/")
    assert refused.status_code == 400
    assert "archive it instead" in refused.json()["error"]["message"]
    assert Experiment.objects.filter(pk=run.experiment_id).exists()


@pytest.mark.parametrize(
    ("backend", "params", "message"),
    [
        ("scripted", {"answers": []}, "Answers"),
        ("nowhere", {}, "Unknown backend “nowhere”. Known: "),
    ],
)
def test_a_language_model_that_could_not_work_is_not_stored(backend, params, message):
    refused = client_as("editor").post("/api/language_models/", {"name": "x", "backend": backend, "params": params})
    assert refused.status_code == 400
    assert message in refused.json()["error"]["message"]
    assert not LanguageModel.objects.exists()


@pytest.mark.parametrize("resource", ["prompts", "variants", "language_models", "experiments"])
def test_a_viewer_reads_every_resource_and_changes_none(resource):
    experiment, client = make_experiment(), client_as("viewer")
    listed = client.get(f"/api/{resource}/").json()["results"]
    assert len(listed) == 1
    address = f"/api/{resource}/{listed[0]['id']}/"
    assert client.get(address).json() == listed[0]
    assert client.post(f"/api/{resource}/", {}).status_code == 403
    assert client.patch(address, {"name": "changed"}).status_code == 403
    assert client.post(f"/api/experiments/{experiment.pk}/duplicate/").status_code == 403


@pytest.mark.parametrize("resource", ["prompts", "variants", "language_models", "experiments", "datasets"])
def test_a_list_needs_the_same_few_queries_for_one_row_or_many(resource, django_assert_max_num_queries):
    for _ in range(5):
        make_experiment()
    client = client_as("viewer")
    with django_assert_max_num_queries(4):
        client.get(f"/api/{resource}/")
