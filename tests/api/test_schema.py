"""The OpenAPI schema is complete, and the docs page draws it under the strict policy without another host."""

import io

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from experiments.api.plugins import FAMILIES
from tests.api.clients import client_as
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid_and_generates_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())


def test_the_schema_is_served_to_who_is_signed_in():
    response = client_as("viewer").get("/api/schema/")
    assert response.status_code == 200
    assert b"/api/runs/{id}/export/" in response.content
    assert APIClient().get("/api/schema/").status_code == 401


def test_the_root_lists_the_resources():
    names = {"datasets", "prompts", "variants", "language_models", "experiments", "runs", "review_sets", "teams", "audit"}
    assert set(client_as("viewer").get("/api/").json()) == names


def test_a_stranger_is_led_from_the_docs_to_the_sign_in(client):
    assert client.get("/api/docs/")["Location"] == "/login/?next=/api/docs/"


def test_the_docs_have_no_script_of_their_own_in_the_page(client):
    client.force_login(make_user(role="viewer"))
    page = client.get("/api/docs/").content.decode()
    scripts = page.split("<script")[1:]
    assert len(scripts) == 3
    assert all(script.split("</script>")[0].endswith(">") for script in scripts)


def test_every_plug_in_is_described_with_its_options():
    body = client_as("viewer").get("/api/plugins/").json()
    assert {family: [plugin["name"] for plugin in plugins] for family, plugins in body.items()} == {
        family: registry.names() for family, registry in FAMILIES.items()
    }
    pool = next(plugin for plugin in body["strategies"] if plugin["name"] == "pool")
    assert pool["label"] == "Sample a pool"
    assert pool["description"].startswith("N independent samples")
    assert pool["options"]["properties"]["n"]["maximum"] == 10_000
