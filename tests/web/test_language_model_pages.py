"""Language models: added when they work, shown with what they are, archived."""

import re

import pytest

from experiments.inference.llama_cpp.library import BUNDLED
from experiments.models import LanguageModel
from tests.factories import make_experiment, make_language_model, make_run

pytestmark = pytest.mark.django_db
SCRIPT = {
    "name": "script",
    "backend": "scripted",
    "n_parameters": "1000000",
    "backend-scripted-shown": "1",
    "backend-scripted-answers": "3\n4\n",
}


def test_without_models_the_page_says_what_to_do_next(editor):
    assert "Add the first model" in editor.get("/models/").content.decode()


def test_a_model_is_added_with_its_options(editor):
    response = editor.post("/models/new/", SCRIPT)
    entry = LanguageModel.objects.get()
    assert response.url == f"/models/{entry.pk}/"
    assert (entry.name, entry.backend, entry.n_parameters) == ("script", "scripted", 1_000_000)
    assert entry.params["answers"] == ["3", "4"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "This field is required"),
        ({"backend": "nothing"}, "not one of the available choices"),
        ({"backend-scripted-answers": ""}, "at least 1 item"),
        ({"backend-scripted-seconds_per_token": "-1"}, "greater than or equal to 0"),
        ({"n_parameters": "many"}, "Enter a whole number"),
    ],
)
def test_bad_input_shows_its_message_and_nothing_is_saved(editor, change, message):
    page = editor.post("/models/new/", {**SCRIPT, **change})
    assert page.status_code == 200
    assert message in page.content.decode()
    assert not LanguageModel.objects.exists()


def test_a_file_that_does_not_exist_is_refused(editor):
    plan = {"name": "gguf", "backend": "llama_cpp", "backend-llama_cpp-shown": "1", "backend-llama_cpp-file": "/nowhere/x.gguf"}
    page = editor.post("/models/new/", plan).content.decode()
    assert "/nowhere/x.gguf is not one of the available choices" in page
    assert not LanguageModel.objects.exists()


def test_the_librarys_files_are_offered_as_a_menu(editor):
    page = editor.get("/models/options/?backend=llama_cpp").content.decode()
    assert f'<option value="{BUNDLED}" selected>' in page


def test_choosing_another_backend_shows_its_options_before_anything_is_saved(editor):
    page = editor.post("/models/new/", {**SCRIPT, "backend": "llama_cpp"}).content.decode()
    assert 'name="backend-llama_cpp-shown"' in page
    assert not LanguageModel.objects.exists()
    fragment = editor.get("/models/options/?backend=llama_cpp").content.decode()
    assert 'name="backend-llama_cpp-shown"' in fragment
    assert editor.get("/models/options/?backend=nothing").status_code == 404


def test_the_page_of_a_local_model_shows_what_memory_it_needs(viewer):
    entry = LanguageModel.objects.create(name="small", backend="llama_cpp")
    page = viewer.get(entry.get_absolute_url()).content.decode()
    assert re.search(r"cache</dt><dd[^>]*>180 MiB", page)
    assert "are free now" in page


def test_the_page_shows_fingerprint_capabilities_and_use(viewer):
    entry = make_language_model(name="small", answers=["forty-two"])
    run = make_run(make_experiment(name="sums", language_models=[entry]))
    page = viewer.get(f"/models/{entry.pk}/").content.decode()
    for words in ("forty-two", "logprobs", "sums", f'href="/runs/{run.pk}/"', "ready"):
        assert words in page


def test_a_model_that_cannot_be_used_any_more_says_why(viewer):
    entry = LanguageModel.objects.create(name="gone", backend="llama_cpp", params={"file": "/nowhere/x.gguf"})
    page = viewer.get(f"/models/{entry.pk}/").content.decode()
    assert "cannot be used" in page
    assert "/nowhere/x.gguf" in page


def test_an_archived_model_leaves_menus_and_comes_back(editor):
    entry, other = make_language_model(), make_language_model()
    assert editor.get(f"/models/{entry.pk}/archive/").status_code == 405
    editor.post(f"/models/{entry.pk}/archive/")
    assert editor.get("/models/").context["list"].rows == [other]
    assert list(editor.get("/experiments/new/").context["editor"].form.fields["language_models"].queryset) == [other]
    editor.post(f"/models/{entry.pk}/archive/", {"restore": ""})
    assert set(editor.get("/models/").context["list"].rows) == {entry, other}


def test_a_viewer_adds_and_archives_nothing(viewer):
    entry = make_language_model()
    assert viewer.post("/models/new/", SCRIPT).status_code == 403
    assert viewer.post(f"/models/{entry.pk}/archive/").status_code == 403
    entry.refresh_from_db()
    assert (LanguageModel.objects.count(), entry.archived) == (1, False)


def test_the_number_of_weights_is_taken_from_the_file_where_it_is_left_empty(editor):
    plan = {"name": "small", "backend": "llama_cpp", "backend-llama_cpp-shown": "1", "backend-llama_cpp-file": BUNDLED}
    editor.post("/models/new/", plan)
    editor.post("/models/new/", {**plan, "name": "other", "n_parameters": "7"})
    assert LanguageModel.objects.get(name="small").n_parameters == 134_515_008
    assert LanguageModel.objects.get(name="other").n_parameters == 7
