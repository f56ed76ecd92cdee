"""Addresses inside private networks and keys sent elsewhere: only an administrator's word lets them be saved."""

import socket

import pytest

from experiments.inference import consents
from experiments.models import LanguageModel
from tests.api.clients import client_of

pytestmark = pytest.mark.django_db
ENTRY = {"name": "gpu", "backend": "openai_api", "backend-openai_api-shown": "1", "backend-openai_api-model": "m"}
PRIVATE = ["http://gpu.example/v1", "https://10.0.0.5/v1", "https://localhost:8000/v1", "https://printer.local/v1"]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path


def plan(base_url: str, **more) -> dict:
    return {**ENTRY, "backend-openai_api-base_url": base_url, **more}


def posted(base_url: str, **more) -> dict:
    return {"name": "gpu", "backend": "openai_api", "params": {"model": "m", "base_url": base_url}, **more}


@pytest.mark.parametrize("address", PRIVATE)
def test_an_editor_is_told_that_an_administrator_must_save_it(editor, address):
    for extra in ({}, {"consent": "on"}):
        page = editor.post("/models/new/", plan(address, **extra)).content.decode()
        assert "An administrator has to save this model." in page
    answer = client_of(editor.user).post("/api/language_models/", posted(address, consent=True))
    assert answer.status_code == 400
    assert "An administrator has to save this model." in answer.data["error"]["message"]
    assert not LanguageModel.objects.exists()
    assert not consents.allowed()


@pytest.mark.parametrize("address", PRIVATE)
def test_an_administrator_is_asked_once_and_may(administrator, address):
    page = administrator.post("/models/new/", plan(address)).content.decode()
    assert "Confirm that you allow it, or allow the address under Keys." in page
    assert 'name="consent"' in page
    assert not consents.allowed()
    administrator.post("/models/new/", plan(address, consent="on"))
    assert LanguageModel.objects.get().params["base_url"] == address
    assert list(consents.allowed()) == [address]


@pytest.fixture
def names(monkeypatch):
    """What the system's resolver says of names; those that are not among them cannot be looked up."""
    known: dict[str, list[str]] = {}

    def getaddrinfo(host, port, *_, **__):
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.mark.parametrize("addresses", [["10.1.2.3"], ["8.8.8.8", "192.168.0.7"]])
def test_a_public_name_that_leads_inside_is_found_out_when_it_is_saved(editor, administrator, names, addresses):
    names["api.corp.example"] = addresses
    url = "https://api.corp.example/v1"
    page = editor.post("/models/new/", plan(url)).content.decode()
    assert f"{url} leads to {addresses[-1]}, which lies inside a private network. An administrator has to save" in page
    answer = client_of(editor.user).post("/api/language_models/", posted(url))
    assert (answer.status_code, "leads to" in answer.data["error"]["message"]) == (400, True)
    assert not LanguageModel.objects.exists()
    administrator.post("/models/new/", plan(url, consent="on"))
    assert list(consents.allowed()) == [url]


def test_a_public_name_needs_nobodys_word(editor, names):
    names["api.good.example"] = ["8.8.8.8"]
    page = editor.post("/models/new/", plan("https://api.good.example/v1"), follow=True).content.decode()
    assert "cannot be looked up" not in page
    assert LanguageModel.objects.count() == 1


def test_a_name_that_cannot_be_looked_up_now_is_saved_with_a_note(editor, names):
    page = editor.post("/models/new/", plan("https://api.away.example/v1"), follow=True).content.decode()
    assert "“api.away.example” cannot be looked up now." in page
    LanguageModel.objects.all().delete()
    answer = client_of(editor.user).post("/api/language_models/", posted("https://api.away.example/v1"))
    assert (answer.status_code, "cannot be looked up now" in answer.data["note"]) == (201, True)


def test_an_administrator_may_through_the_api(administrator):
    client = client_of(administrator.user)
    assert client.post("/api/language_models/", posted(PRIVATE[0])).status_code == 400
    answer = client.post("/api/language_models/", posted(PRIVATE[0], consent=True))
    assert answer.status_code == 201
    assert "consent" not in answer.data


def test_once_it_is_allowed_an_editor_may_save_it(editor):
    consents.allow_private(PRIVATE[0])
    assert editor.post("/models/new/", plan(PRIVATE[0])).status_code == 302


def test_a_saved_model_is_not_moved_to_a_private_address_by_an_editor(editor):
    editor.post("/models/new/", plan("https://gpu.example/v1"))
    entry = LanguageModel.objects.get()
    assert "An administrator has to save" in editor.post(f"/models/{entry.pk}/edit/", plan(PRIVATE[0])).content.decode()
    moved = {"params": {"model": "m", "base_url": PRIVATE[1]}}
    assert client_of(editor.user).patch(f"/api/language_models/{entry.pk}/", moved).status_code == 400
    entry.refresh_from_db()
    assert entry.params["base_url"] == "https://gpu.example/v1"


def test_a_key_of_the_environment_is_not_sent_to_an_address_of_an_editors_choice(editor, administrator, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-5f3c9a1e7b2d")
    away = plan("https://evil.example/v1", **{"backend-openai_api-key_env": "OPENAI_API_KEY"})
    page = editor.post("/models/new/", away).content.decode()
    assert "is not the address that the key in OPENAI_API_KEY is known for" in page
    assert not LanguageModel.objects.exists()
    administrator.post("/models/new/", {**away, "consent": "on"})
    assert consents.allowed() == {"https://evil.example/v1": ["OPENAI_API_KEY"]}


def test_listing_models_asks_no_private_address_without_consent(editor):
    page = editor.post("/models/offered/", plan(PRIVATE[1])).content.decode()
    assert "An administrator has to save this model." in page


def test_only_an_administrator_sees_and_changes_what_is_allowed(editor, administrator):
    allowed = {"base_url": PRIVATE[0], "variable": "VLLM_API_KEY"}
    assert editor.post("/models/keys/allow/", allowed).status_code == 403
    assert not consents.allowed()
    administrator.post("/models/keys/allow/", allowed)
    assert consents.allowed() == {PRIVATE[0]: ["VLLM_API_KEY"]}
    assert PRIVATE[0] in administrator.get("/models/keys/").content.decode()
    assert PRIVATE[0] not in editor.get("/models/keys/").content.decode()
    assert editor.post("/models/keys/withdraw/", allowed).status_code == 403
    administrator.post("/models/keys/withdraw/", allowed)
    assert not consents.allowed()


@pytest.mark.parametrize(
    ("change", "message"), [({"base_url": "gpu.example"}, "begins with http"), ({"variable": "my key"}, "valid value")]
)
def test_what_cannot_be_allowed_is_refused(administrator, change, message):
    page = administrator.post("/models/keys/allow/", {"base_url": PRIVATE[0], "variable": "", **change})
    assert message in page.content.decode()
    assert not consents.allowed()
