"""Every error of the API has one shape: {"error": {"message": text, "fields": object}}."""

import pytest
from rest_framework.test import APIClient

from tests.api.clients import client_as
from tests.factories import make_dataset, make_experiment, make_run

pytestmark = pytest.mark.django_db


def error_of(response, status: int) -> dict:
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"message", "fields"}
    assert isinstance(body["error"]["message"], str)
    assert body["error"]["message"]
    assert isinstance(body["error"]["fields"], dict)
    return body["error"]


def test_nobody_is_signed_in():
    response = APIClient().get("/api/runs/")
    error_of(response, 401)
    assert response["WWW-Authenticate"] == "Token"


def test_an_invalid_token():
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Token wrong")
    assert "token" in error_of(client.get("/api/runs/"), 401)["message"].lower()


def test_a_role_that_may_not():
    run = make_run()
    error = error_of(client_as("viewer").post(f"/api/runs/{run.pk}/cancel/"), 403)
    assert "Ask an administrator for the role editor." in error["message"]


@pytest.mark.parametrize("address", ["/api/runs/999999/", "/api/runs/abc/", "/api/nothing/", "/api/runs/1/nothing/"])
def test_nothing_there(address):
    error_of(client_as("viewer").get(address), 404)


def test_an_unknown_address_tells_a_stranger_nothing():
    error_of(APIClient().get("/api/nothing/"), 401)


def test_a_method_that_is_not_offered():
    error_of(client_as("editor").delete(f"/api/datasets/{make_dataset().pk}/"), 405)


def test_fields_with_errors_are_named():
    error = error_of(client_as("editor").post("/api/prompts/", {"name": ""}), 400)
    assert list(error["fields"]) == ["name"]


def test_errors_of_no_single_field_are_the_message():
    error = error_of(client_as("editor").post("/api/datasets/", {"name": "empty"}), 400)
    assert error == {"message": "Give either “problems”, or a “source” or a “file” to take them from.", "fields": {}}


def test_a_body_that_is_no_json():
    response = client_as("editor").post("/api/prompts/", "{", content_type="application/json")
    assert "JSON" in error_of(response, 400)["message"]


def test_a_body_of_another_type():
    error_of(client_as("editor").post("/api/prompts/", "<a/>", content_type="text/xml"), 415)


def test_our_own_errors_say_what_to_do():
    experiment = make_experiment()
    experiment.language_models.clear()
    error = error_of(client_as("editor").post(f"/api/experiments/{experiment.pk}/start/"), 400)
    assert error["message"] == "The experiment has no language model: choose at least one."


def test_query_strings_are_checked():
    error = error_of(client_as("viewer").get("/api/runs/?state=tired"), 400)
    assert "tired" in error["fields"]["state"][0]
    error_of(client_as("viewer").get(f"/api/runs/{make_run().pk}/export/?format=xlsx"), 400)


def test_a_bad_cursor():
    error_of(client_as("viewer").get("/api/runs/?cursor=a"), 404)
