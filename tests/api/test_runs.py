"""Runs through the API: start, follow, steer and read everything they stored."""

import json

import pytest
from asgiref.sync import sync_to_async

from experiments.models import Run
from experiments.reports.export_formats import export
from experiments.reports.manifest import manifest
from tests.api.clients import client_as
from tests.factories import make_experiment, make_run, make_sample

pytestmark = pytest.mark.django_db


def test_starting_an_experiment_queues_a_run_of_it():
    experiment = make_experiment(n=4, problems=3)
    client = client_as("editor")
    started = client.post(f"/api/experiments/{experiment.pk}/start/")
    assert started.status_code == 201
    run = Run.objects.get()
    body = started.json()
    assert (body["id"], body["state"], body["n_samples_planned"], body["n_attempts"]) == (run.pk, "queued", 12, 3)
    assert run.started_by_id is not None
    assert client.get(f"/api/runs/{run.pk}/").json()["config"] == run.config


def test_a_run_is_paused_resumed_and_cancelled_once():
    run, client = make_run(), client_as("editor")
    for verb, state in [("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")]:
        assert client.post(f"/api/runs/{run.pk}/{verb}/").json()["state"] == state
    again = client.post(f"/api/runs/{run.pk}/resume/")
    assert again.status_code == 400
    assert again.json()["error"]["message"] == f"Run {run.pk} is cancelled and cannot be resumed."


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_a_viewer_steers_nothing(verb):
    run = make_run()
    assert client_as("viewer").post(f"/api/runs/{run.pk}/{verb}/").status_code == 403
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_viewer_starts_nothing():
    experiment = make_experiment()
    assert client_as("viewer").post(f"/api/experiments/{experiment.pk}/start/").status_code == 403
    assert not Run.objects.exists()


def test_the_list_is_filtered_and_leaves_the_config_out():
    first, second = make_run(), make_run()
    first.cancel()
    client = client_as("viewer")
    assert [run["id"] for run in client.get("/api/runs/").json()["results"]] == [second.pk, first.pk]
    assert "config" not in client.get("/api/runs/").json()["results"][0]
    by_state = client.get("/api/runs/?state=cancelled").json()["results"]
    by_experiment = client.get(f"/api/runs/?experiment={second.experiment_id}").json()["results"]
    assert ([run["id"] for run in by_state], [run["id"] for run in by_experiment]) == ([first.pk], [second.pk])


def test_the_list_needs_no_query_per_run(django_assert_num_queries):
    client = client_as("viewer")
    for _ in range(5):
        make_run()
    with django_assert_num_queries(3):  # token, page, its tags
        client.get("/api/runs/")


def test_progress_is_told_in_numbers():
    run = make_run(n=4, problems=3)
    body = client_as("viewer").get(f"/api/runs/{run.pk}/progress/").json()
    assert (body["samples"], body["samples_planned"], body["done"]) == (0, 12, 0.0)
    assert (body["seconds_left"], body["samples_per_second"]) == (None, None)
    run.start()
    Run.objects.filter(pk=run.pk).update(n_samples=3, busy_seconds=1.5)
    body = client_as("viewer").get(f"/api/runs/{run.pk}/progress/").json()
    assert (body["done"], body["seconds_left"], body["samples_per_second"]) == (0.25, 4.5, 2.0)


def test_findings_come_in_their_order_with_estimates():
    run = make_run()
    estimate = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 3, "method": "bootstrap over problems"}
    run.findings.create(position=1, key="second", title="Second", sentence="Then this.")
    run.findings.create(position=0, key="first", title="First", sentence="This.", estimates={"pass@1": estimate})
    first, second = client_as("viewer").get(f"/api/runs/{run.pk}/findings/").json()
    assert (first["key"], second["key"]) == ("first", "second")
    assert first["estimates"]["pass@1"] == estimate


def test_attempts_name_condition_and_problem(django_assert_num_queries):
    run, client = make_run(problems=3), client_as("viewer")
    with django_assert_num_queries(3):  # token, run, page
        body = client.get(f"/api/runs/{run.pk}/attempts/").json()
    assert [attempt["problem"] for attempt in body["results"]] == ["p0", "p1", "p2"]
    assert {attempt["condition"] for attempt in body["results"]} == {run.conditions.get().key}


def test_samples_are_the_lines_of_the_jsonl_page_by_page():
    run = make_run(n=5)
    for index in range(5):
        make_sample(run.attempts.first(), index=index, text=f"text {index}")
    make_sample(make_run().attempts.first(), text="of another run")
    client = client_as("viewer")
    samples, address = [], f"/api/runs/{run.pk}/samples/?page_size=2"
    while address:
        page = client.get(address).json()
        assert len(page["results"]) <= 2
        samples += page["results"]
        address = page["next"]
    assert samples == [json.loads(line) for line in b"".join(export(run, "jsonl")).splitlines()]


def test_samples_of_one_attempt():
    run = make_run()
    first, second, _ = run.attempts.all()
    make_sample(first)
    make_sample(second, text="mine")
    body = client_as("viewer").get(f"/api/runs/{run.pk}/samples/?attempt={second.pk}").json()
    assert [sample["text"] for sample in body["results"]] == ["mine"]


@pytest.mark.django_db(transaction=True)
async def test_the_export_is_the_same_file_as_on_the_page(async_client):
    run = await sync_to_async(make_run)()
    await sync_to_async(make_sample)(await run.attempts.afirst(), text="=1+1")
    signed_in = (await sync_to_async(client_as)("viewer"))._credentials["HTTP_AUTHORIZATION"]
    for query, expected in [("", ("csv", False)), ("?format=csv&bom=true", ("csv", True)), ("?format=jsonl", ("jsonl", False))]:
        response = await async_client.get(f"/api/runs/{run.pk}/export/{query}", headers={"authorization": signed_in})
        body = b"".join([piece async for piece in response.streaming_content])
        format, bom = expected
        assert body == await sync_to_async(lambda f=format, b=bom: b"".join(export(run, f, bom=b)))()


def test_the_manifest():
    run = make_run()
    assert client_as("viewer").get(f"/api/runs/{run.pk}/export/?format=manifest").json() == manifest(run)
