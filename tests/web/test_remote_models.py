"""Remote endpoints in the forms: presets, the endpoint's own list, several models at once, and the truth test."""

import pytest

from experiments.inference import consents
from experiments.models import LanguageModel, TruthTest
from tests.api.clients import client_of
from tests.servers.misbehaving import status
from tests.servers.threads import served

pytestmark = pytest.mark.django_db
LIST = status(200, {"data": [{"id": "small"}, {"id": "<b>large</b>"}]})


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path


@pytest.fixture
def endpoint():
    """A factory of endpoints whose address is allowed."""
    opened = []

    def serve(*behaviours):
        context = served(*behaviours)
        server = context.__enter__()
        opened.append(context)
        consents.allow_private(server.base_url)
        return server

    yield serve
    for context in opened:
        context.__exit__(None, None, None)


def plan(**options: str) -> dict:
    shown = {f"backend-openai_api-{name}": value for name, value in {"shown": "1", **options}.items()}
    return {"name": "remote", "backend": "openai_api", **shown}


def remote(base_url: str, **params) -> LanguageModel:
    stored = {"base_url": base_url, "model": "m", **params}
    return LanguageModel.objects.create(name="remote", backend="openai_api", params=stored)


def test_a_preset_fills_in_what_is_usual_and_keeps_the_rest(editor):
    entered = plan(preset="openai", base_url="https://old.example/v1", model="gpt-x", price_input="2.5")
    form = editor.post("/models/options/", entered).context["form"]
    shown = {
        name: form[name].value() for name in ("base_url", "key_env", "max_tokens_field", "takes_top_k", "model", "price_input")
    }
    assert shown == {
        "base_url": "https://api.openai.com/v1",
        "key_env": "OPENAI_API_KEY",
        "max_tokens_field": "max_completion_tokens",
        "takes_top_k": False,
        "model": "gpt-x",
        "price_input": "2.5",
    }
    assert form["preset"].value() == "openai"


def test_the_options_stand_in_groups_of_which_the_first_is_open_and_one_with_an_error(editor):
    page = editor.post("/models/new/", plan(base_url="https://gpu.example/v1", model="m", pause_seconds="-1"))
    groups = {group.title: group.is_open for group in page.context["editor"].options.groups if group.title}
    assert {title for title, is_open in groups.items() if is_open} == {"Connection", "Patience"}
    drawn = [field.name for group in page.context["editor"].options.groups for field in group.fields]
    assert sorted(drawn) == sorted(page.context["editor"].options.fields)


def test_an_endpoints_models_are_offered_and_several_are_added_at_once(editor, endpoint):
    server = endpoint(LIST)
    fragment = editor.post("/models/offered/", plan(base_url=server.base_url)).content.decode()
    assert 'value="small"' in fragment
    assert "&lt;b&gt;large&lt;/b&gt;" in fragment
    assert server.requests[0].path == "/v1/models"
    editor.post("/models/new/", {**plan(base_url=server.base_url, price_input="3"), "picked": ["small", "other"]})
    entries = LanguageModel.objects.order_by("name")
    assert [(entry.name, entry.params["model"]) for entry in entries] == [("remote other", "other"), ("remote small", "small")]
    assert {entry.params["price_input"] for entry in entries} == {3.0}


def test_editing_shows_the_entrys_own_backend_and_options(editor):
    entry = remote("https://gpu.example/v1", price_input=3)
    page = editor.get(f"/models/{entry.pk}/edit/").context["editor"]
    assert page.form["backend"].value() == "openai_api"
    shown = {name: page.options[name].value() for name in ("base_url", "model", "price_input")}
    assert shown == {"base_url": "https://gpu.example/v1", "model": "m", "price_input": 3}


def test_a_raw_template_keeps_its_line_breaks(editor):
    template = "<|im_start|>{{ role }}\r\n{{ content }}<|im_end|>\r\n"
    editor.post("/models/new/", plan(base_url="https://gpu.example/v1", model="m", raw="on", raw_message=template))
    assert LanguageModel.objects.get().params["raw_message"] == "<|im_start|>{{ role }}\n{{ content }}<|im_end|>\n"


def test_one_picked_model_is_saved_under_the_name_given(editor):
    editor.post("/models/new/", {**plan(base_url="https://gpu.example/v1"), "picked": ["small"]})
    entry = LanguageModel.objects.get()
    assert (entry.name, entry.params["model"]) == ("remote", "small")


def test_of_several_none_is_added_if_one_has_a_name_that_is_taken(editor):
    LanguageModel.objects.create(name="remote small", backend="scripted", params={"answers": ["1"]})
    page = editor.post("/models/new/", {**plan(base_url="https://gpu.example/v1"), "picked": ["other", "small"]})
    assert "already exists" in page.content.decode()
    assert LanguageModel.objects.count() == 1


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (status(401, {"error": {"message": "no key"}}), "did not list its models"),
        (status(200, {"models": []}), "no list of models"),
        (status(200, {"data": []}), "lists no model"),
    ],
)
def test_a_list_that_does_not_come_is_explained(editor, endpoint, behaviour, message):
    server = endpoint(behaviour)
    assert message in editor.post("/models/offered/", plan(base_url=server.base_url)).content.decode()


def test_a_list_without_an_address_says_which_field_is_wrong(editor):
    assert "Base URL: " in editor.post("/models/offered/", plan()).content.decode()
    assert editor.post("/models/offered/", {"backend": "nothing"}).status_code == 404


def test_a_truth_test_is_asked_for_once_and_followed_step_by_step(editor, viewer):
    entry = remote("https://gpu.example/v1")
    assert "Not tested yet" in viewer.get(entry.get_absolute_url()).content.decode()
    for _ in range(2):
        assert editor.post(f"/models/{entry.pk}/truth-test/").url == f"{entry.get_absolute_url()}#truth"
    test = TruthTest.objects.get()
    page = viewer.get(entry.get_absolute_url()).content.decode()
    assert "No worker is running" in page
    assert f'hx-get="/models/{entry.pk}/truth/"' in page
    assert f'<a class="button small" href="{entry.get_absolute_url()}#truth">Refresh</a>' in page

    test = TruthTest.objects.claim(None)
    test.note_step([{"feature": "seed", "asked": "<b>a</b>", "seen": "b", "verdict": "ignores", "found": ""}], 3, 13)
    fragment = viewer.get(f"/models/{entry.pk}/truth/").content.decode()
    assert "3 of 13 steps" in fragment
    assert '<span class="pill warn">ignores</span>' in fragment
    assert "&lt;b&gt;a" in fragment

    test.finish({"rows": test.rows, "asked_at": 0.0, "n_calls": 27, "seconds": 1.0, "cost": 0.0})
    fragment = viewer.get(f"/models/{entry.pk}/truth/").content.decode()
    assert "27 calls" in fragment
    assert "hx-trigger" not in fragment
    assert "Test again" not in fragment, "a viewer asks nobody"


def test_a_test_that_fails_says_why_and_keeps_the_older_one(editor):
    entry = remote("https://gpu.example/v1")
    LanguageModel.objects.update(truth={"rows": [], "asked_at": 0, "n_calls": 3, "seconds": 1.0, "cost": 0.0})
    TruthTest.objects.request(entry, editor.user)
    TruthTest.objects.claim(None).fail("401: who are you")
    page = editor.get(entry.get_absolute_url()).content.decode()
    assert "The test was not finished. 401: who are you" in page
    assert "3 calls" in page
    assert "Test again" in page


def test_what_was_seen_of_a_model_that_was_changed_meanwhile_is_not_kept(editor):
    entry = remote("https://gpu.example/v1")
    TruthTest.objects.request(entry, editor.user)
    test = TruthTest.objects.claim(None)
    LanguageModel.objects.update(params={**entry.params, "model": "another"})
    test.finish({"rows": [], "asked_at": 0.0, "n_calls": 1, "seconds": 1.0, "cost": 0.0})
    entry.refresh_from_db()
    assert entry.truth is None
    assert (test.state, "changed meanwhile" in test.reason) == ("failed", True)


def test_a_test_that_could_not_begin_says_so_at_once(editor):
    entry = remote("https://gpu.example/v1", stored_key="missing")
    fragment = editor.post(f"/models/{entry.pk}/truth-test/", headers={"HX-Request": "true"}).content.decode()
    assert "The test was not started. There is no stored key" in fragment
    assert not TruthTest.objects.exists()


def test_the_api_asks_for_the_truth_test_and_forgets_it_when_the_model_changes(editor, viewer):
    entry = remote("https://gpu.example/v1")
    address = f"/api/language_models/{entry.pk}/"
    client = client_of(editor.user)
    assert client_of(viewer.user).post(f"{address}truth_test/").status_code == 403
    assert client.get(f"{address}truth_test/").status_code == 404
    answer = client.post(f"{address}truth_test/")
    assert (answer.status_code, answer.data["state"]) == (202, "queued")
    TruthTest.objects.claim(None).finish({"rows": [{"feature": "seed"}], "asked_at": 0.0})
    answer = client_of(viewer.user).get(f"{address}truth_test/")
    assert (answer.data["state"], answer.data["rows"]) == ("done", [{"feature": "seed"}])
    assert client.patch(address, {"name": "renamed"}).data["truth"]["rows"] == [{"feature": "seed"}]
    assert client.patch(address, {"params": {**entry.params, "model": "another"}}).data["truth"] is None


def test_a_local_model_has_no_truth_test(editor):
    entry = LanguageModel.objects.create(name="script", backend="scripted", params={"answers": ["1"]})
    assert "Truth test" not in editor.get(entry.get_absolute_url()).content.decode()
    answer = client_of(editor.user).post(f"/api/language_models/{entry.pk}/truth_test/")
    assert (answer.status_code, "only remote endpoints" in answer.data["error"]["message"]) == (400, True)


def test_a_viewer_asks_nobody(viewer, endpoint):
    server = endpoint(LIST)
    entry = remote(server.base_url)
    assert viewer.post("/models/offered/", plan(base_url=server.base_url)).status_code == 403
    assert viewer.post(f"/models/{entry.pk}/truth-test/").status_code == 403
    assert not server.requests
    assert not TruthTest.objects.exists()
