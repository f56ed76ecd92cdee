"""The interactive figure's numbers through the API."""

import pytest

from tests.api.clients import client_as
from tests.factories import make_run
from tests.reports.rows import finish_all

pytestmark = pytest.mark.django_db


def test_any_state_is_answered_with_what_else_is_offered():
    run = make_run(n=2, problems=6)
    finish_all(run, ("correct", "3"), ("wrong", "4"))
    query = "?selectors=oracle&selectors=best:mean_logprob&k=2&x=tokens"
    body = client_as("viewer").get(f"/api/runs/{run.pk}/explore/{query}").json()
    assert body["state"]["selectors"] == ["oracle", "best:mean_logprob"]
    assert body["offered"]["ks"] == [1, 2]
    assert body["offered"]["problems"]["all"] == "all problems"
    oracle = body["curves"][0]
    assert oracle["is_oracle"] is True
    assert [point["accuracy"]["value"] for point in oracle["points"]] == [0.5, 1.0]
    assert oracle["difference"] == {"value": 0.5, "low": 0.5, "high": 0.5, "n": 6, "method": "bootstrap over problems"}


def test_a_name_that_is_not_offered_is_an_error_that_lists_the_others():
    run = make_run(n=2, problems=1)
    finish_all(run, ("correct", "3"), ("wrong", "4"))
    response = client_as("viewer").get(f"/api/runs/{run.pk}/explore/?selectors=coin")
    assert response.status_code == 400
    assert "Unknown selector “coin”. Known:" in response.json()["error"]["message"]


def test_a_run_without_a_complete_pool_says_so():
    run = make_run()
    response = client_as("viewer").get(f"/api/runs/{run.pk}/explore/")
    assert response.json()["error"]["message"].startswith(f"Run {run.pk} has no complete pool")
