"""Graders of a run through the API: mark it again, see what they came to, and which verdicts flip."""

import pytest

from experiments.models import Grade, Regrading, Run
from tests.api.clients import client_as
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


def finished_run() -> Run:
    run = make_run(n=2, problems=1)
    attempt = run.attempts.get()
    make_sample(attempt, 0, "The answer is 3.", "correct")
    make_sample(attempt, 1, "So the answer is 4.", "wrong")
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED)
    return run


def test_a_run_is_marked_again_and_its_graders_and_flips_are_told():
    run, client = finished_run(), client_as("editor")
    answer = client.post(f"/api/runs/{run.pk}/regrade/", {"grader": "exact", "params": {}}, content_type="application/json")
    assert answer.status_code == 201
    key = answer.json()["key"]
    assert (answer.json()["state"], Regrading.objects.get().key) == ("queued", key)
    for sample in run.samples.all():
        Grade.objects.create(run=run, sample=sample, grader=key, verdict="wrong")
    own = run.config["grader"]["key"]
    told = client.get(f"/api/runs/{run.pk}/graders/").json()
    assert [(each["key"], each["n"], each["n_correct"]) for each in told] == [(own, 2, 1), (key, 2, 0)]
    flips = client.get(f"/api/runs/{run.pk}/grade-flips/?before={own}&after={key}").json()
    first = run.samples.order_by("index").first()
    assert (flips["compared"], flips["gained"], flips["lost"]) == (2, 0, 1)
    assert [(flip["sample"], flip["problem"], flip["before"], flip["after"]) for flip in flips["flips"]] == [
        (first.pk, "p0", "correct", "wrong")
    ]


def test_refusals_say_why():
    run, client = finished_run(), client_as("editor")
    own = run.config["grader"]
    told = client.post(
        f"/api/runs/{run.pk}/regrade/", {"grader": own["name"], "params": own["params"]}, content_type="application/json"
    )
    assert told.status_code == 400
    assert "is the grader that marked run" in told.content.decode()
    assert client.get(f"/api/runs/{run.pk}/grade-flips/").status_code == 400
