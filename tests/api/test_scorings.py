"""Verifiers of a run through the API: score it again, see what they came to, and which choices change."""

import pytest

from experiments.models import Run, Scoring, VerifierScore
from tests.api.clients import client_as
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


def finished_run() -> Run:
    run = make_run(n=2, problems=1)
    attempt = run.attempts.get()
    make_sample(attempt, 0, "The answer is 3.", "correct", mean_logprob=-1)
    make_sample(attempt, 1, "So the answer is 4.", "wrong", mean_logprob=-2)
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED)
    return run


def test_a_run_is_scored_again_and_its_verifiers_and_flips_are_told():
    run, client = finished_run(), client_as("editor")
    answer = client.post(
        f"/api/runs/{run.pk}/score/", {"verifier": "length", "params": {"prefer": "longer"}}, content_type="application/json"
    )
    assert answer.status_code == 201
    key = answer.json()["key"]
    assert (answer.json()["state"], Scoring.objects.get().key) == ("queued", key)
    for sample in run.samples.all():
        VerifierScore.objects.create(sample=sample, verifier=key, score=len(sample.text.split()))
    told = client.get(f"/api/runs/{run.pk}/verifiers/").json()
    assert [(each["key"], each["scored"], each["missing"]) for each in told] == [("mean_logprob", 2, 0), (key, 2, 0)]
    assert told[0]["scoring"] is None
    flips = client.get(f"/api/runs/{run.pk}/flips/?before=mean_logprob&after={key}").json()
    assert (flips["compared"], flips["flips"]) == (
        1,
        [{"attempt": run.attempts.get().pk, "problem": "p0", "outcome": "lost", "before": 0, "after": 1}],
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"verifier": "gut"}, "Unknown verifier"),
        ({"verifier": "length", "params": {"prefer": "red"}}, "Prefer"),
        ({}, "verifier"),
    ],
)
def test_what_cannot_be_scored_is_refused(body, words):
    run = finished_run()
    answer = client_as("editor").post(f"/api/runs/{run.pk}/score/", body, content_type="application/json")
    assert answer.status_code == 400
    assert words in str(answer.json())
    assert not Scoring.objects.exists()


def test_a_viewer_scores_nothing_and_reads_everything():
    run, client = finished_run(), client_as("viewer")
    refused = client.post(f"/api/runs/{run.pk}/score/", {"verifier": "length"}, content_type="application/json")
    assert refused.status_code == 403
    assert client.get(f"/api/runs/{run.pk}/verifiers/").status_code == 200
    assert client.get(f"/api/runs/{run.pk}/flips/").status_code == 400
