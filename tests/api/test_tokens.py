"""Signing in to the API: with a token for name and password, or with a page's session."""

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from experiments.models import User
from tests.api.clients import client_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_throttle():
    cache.clear()


def test_a_token_for_name_and_password_opens_the_api_until_it_is_revoked():
    make_user(name="ada", password="correct horse battery")
    given = APIClient().post("/api/token/", {"username": "ada", "password": "correct horse battery"}, format="json")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {given.json()['token']}")
    assert client.get("/api/runs/").status_code == 200
    assert client.delete("/api/token/").status_code == 204
    assert client.get("/api/runs/").status_code == 401


@pytest.mark.parametrize("body", [{"username": "ada", "password": "wrong"}, {"username": "eve", "password": "x"}])
def test_a_stranger_gets_none(body):
    make_user(name="ada", password="correct horse battery")
    refused = APIClient().post("/api/token/", body, format="json")
    assert refused.status_code == 401
    assert refused.json()["error"]["message"] == "No user has this name and password."


def test_someone_who_left_is_locked_out():
    user = make_user(name="ada", password="correct horse battery")
    client = client_of(user)
    User.objects.update(is_active=False)
    assert client.get("/api/runs/").status_code == 401
    body = {"username": "ada", "password": "correct horse battery"}
    assert APIClient().post("/api/token/", body, format="json").status_code == 401


def test_a_session_reads_at_once_and_changes_only_with_the_forms_token():
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user(role="editor"))
    assert browser.get("/api/runs/").status_code == 200
    refused = browser.post("/api/prompts/", {"name": "mine"}, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["error"]["message"]
    browser.get("/account/")
    headers = {"X-CSRFToken": browser.cookies["assay_csrf"].value}
    assert browser.post("/api/prompts/", {"name": "mine"}, content_type="application/json", headers=headers).status_code == 201


def test_guessing_is_slowed_down():
    client = APIClient()
    answers = [client.post("/api/token/", {"username": "ada", "password": str(i)}, format="json") for i in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert answers[-1].json()["error"]["message"].startswith("Request was throttled.")
