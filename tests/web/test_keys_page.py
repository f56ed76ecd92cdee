"""Keys for endpoints: stored, replaced, forgotten, and found nowhere else."""

import logging

import pytest
from asgiref.sync import async_to_sync

from experiments.inference import keys
from experiments.models import LanguageModel
from tests.api.clients import client_of
from tests.web.addresses import World

pytestmark = pytest.mark.django_db
SECRET = "sk-planted-5f3c9a1e7b2d"
URL = "https://gpu.example/v1"
KEY = {"name": "lab", "base_url": URL, "key": SECRET}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path


def body_of(response) -> bytes:
    """All of it; downloads come in pieces."""

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(read)() if response.streaming else response.getvalue()


def test_a_key_is_stored_replaced_and_forgotten(editor):
    assert editor.post("/models/keys/", KEY).status_code == 302
    assert keys.stored_key("lab", URL) == SECRET
    editor.post("/models/keys/", {**KEY, "key": "another"})
    assert keys.stored_key("lab", URL) == "another"
    editor.post("/models/keys/forget/", {"name": "lab"})
    assert keys.stored() == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "../lab"}, "cannot name a key"),
        ({"base_url": "gpu.example"}, "begins with http"),
        ({"key": "two\nlines"}, "one line of plain characters"),
        ({"key": ""}, "This field is required"),
    ],
)
def test_bad_input_shows_its_message_and_nothing_is_stored(editor, change, message):
    page = editor.post("/models/keys/", {**KEY, **change})
    assert message in page.content.decode()
    assert SECRET not in page.content.decode()
    assert keys.stored() == {}


def test_a_viewer_neither_sees_nor_changes_keys(viewer):
    keys.store("lab", SECRET, URL)
    assert viewer.get("/models/keys/").status_code == 403
    assert viewer.post("/models/keys/", KEY).status_code == 403
    assert viewer.post("/models/keys/forget/", {"name": "lab"}).status_code == 403
    assert list(keys.stored()) == ["lab"]


def test_a_key_stored_for_another_address_is_asked_for_again_at_its_field(editor):
    keys.store("lab", SECRET, URL)
    entry = {"name": "remote", "backend": "openai_api"}
    options = {"shown": "1", "model": "m", "base_url": URL, "stored_key": "lab"}
    plan = {**entry, **{f"backend-openai_api-{name}": value for name, value in options.items()}}
    page = editor.get("/models/options/?backend=openai_api").content.decode()
    assert '<option value="lab">lab</option>' in page
    editor.post("/models/new/", plan)
    saved = LanguageModel.objects.get()
    moved = editor.post(f"/models/{saved.pk}/edit/", {**plan, "backend-openai_api-base_url": "https://other.example/v1"})
    [told] = moved.context["editor"].options.errors["stored_key"]
    assert "Enter the key again for the new address." in told
    saved.refresh_from_db()
    assert saved.params["base_url"] == URL


def test_a_planted_key_is_on_no_page_in_no_answer_of_the_api_and_in_no_log(administrator, caplog):
    caplog.set_level(logging.DEBUG)
    world = World()
    administrator.post("/models/keys/", KEY)
    params = {"base_url": URL, "model": "m", "stored_key": "lab"}
    entry = LanguageModel.objects.create(name="remote", backend="openai_api", params=params)
    client = client_of(administrator.user)
    pages = [path for name, path in world.pages() if name not in ("login", "login_link", "logout")]
    seen = 0
    for path in [*pages, entry.get_absolute_url(), f"/models/{entry.pk}/edit/"]:
        response = administrator.get(path)
        assert SECRET.encode() not in body_of(response), path
        seen += response.status_code == 200
    for _, path in [*world.api(), ("", f"/api/language_models/{entry.pk}/")]:
        response = client.get(path)
        assert SECRET.encode() not in body_of(response), path
        seen += response.status_code == 200
    assert seen > 40
    assert SECRET not in caplog.text
