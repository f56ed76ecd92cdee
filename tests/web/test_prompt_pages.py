"""Prompts and their variants: side by side, edited into new versions, compared and previewed."""

import pytest

from experiments.models import Prompt, Variant
from tests.factories import make_dataset, make_experiment, make_variant

pytestmark = pytest.mark.django_db
NEW_PROMPT = {"name": "Sums", "wording-name": "plain", "wording-system": "", "wording-template": "{{ question }}"}


def test_without_prompts_the_page_says_what_to_do_next(editor):
    assert "Write the first prompt" in editor.get("/prompts/").content.decode()


def test_a_new_prompt_comes_with_its_first_variant(editor):
    response = editor.post("/prompts/new/", NEW_PROMPT)
    prompt = Prompt.objects.get()
    assert response.url == f"/prompts/{prompt.pk}/"
    variant = prompt.variants.get()
    assert (variant.name, variant.version, variant.template, variant.author) == ("plain", 1, "{{ question }}", editor.user)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "This field is required"),
        ({"wording-template": ""}, "This field is required"),
        ({"wording-template": "a {{ b"}, "opened with {{ but never closed"),
        ({"wording-system": "{{ 1 + 1 }}"}, "is not a slot’s name"),
    ],
)
def test_a_broken_prompt_shows_its_message_and_nothing_is_saved(editor, change, message):
    page = editor.post("/prompts/new/", {**NEW_PROMPT, **change}).content.decode()
    assert message.replace("’", "&#x27;") in page
    assert not Prompt.objects.exists()


def test_variants_stand_side_by_side_in_their_newest_versions(viewer):
    old = make_variant("first wording")
    Variant.objects.write(old.prompt, "plain", "", "second wording")
    Variant.objects.write(old.prompt, "other", "", "other wording")
    page = viewer.get(f"/prompts/{old.prompt_id}/").content.decode()
    assert "second wording" in page
    assert "other wording" in page
    assert "first wording" not in page


def test_saving_an_edit_makes_the_next_version_and_keeps_the_old(editor):
    old = make_variant("one {{ question }}")
    response = editor.post(f"/prompts/{old.prompt_id}/variants/{old.pk}/edit/", {"system": "", "template": "two {{ question }}"})
    new = Variant.objects.get(version=2)
    assert response.url == f"/prompts/{old.prompt_id}/variants/{new.pk}/"
    assert (new.parent, new.name, new.template, new.author) == (old, "plain", "two {{ question }}", editor.user)
    old.refresh_from_db()
    assert old.template == "one {{ question }}"


def test_line_breaks_of_a_browser_are_stored_as_plain_ones(editor):
    old = make_variant("one")
    editor.post(f"/prompts/{old.prompt_id}/variants/{old.pk}/edit/", {"system": "", "template": "a\r\n  b \r\n"})
    assert Variant.objects.get(version=2).template == "a\n  b \n"


def test_saving_without_a_change_makes_no_version(editor):
    old = make_variant("one")
    page = editor.post(f"/prompts/{old.prompt_id}/variants/{old.pk}/edit/", {"system": "", "template": "one"}, follow=True)
    assert "Nothing changed" in page.content.decode()
    assert Variant.objects.count() == 1


def test_a_broken_slot_is_refused_with_its_place(editor):
    old = make_variant("one")
    page = editor.post(f"/prompts/{old.prompt_id}/variants/{old.pk}/edit/", {"system": "", "template": "a\nb {{ c"})
    assert "Line 2, column 3" in page.content.decode()
    assert Variant.objects.count() == 1


def test_a_branch_is_a_new_variant_that_remembers_where_it_came_from(editor):
    origin = make_variant("one")
    assert "one" in editor.get(f"/prompts/{origin.prompt_id}/variants/new/?origin={origin.pk}").content.decode()
    address = f"/prompts/{origin.prompt_id}/variants/new/?origin={origin.pk}"
    editor.post(address, {"name": "shorter", "system": "", "template": "1"})
    branch = Variant.objects.get(name="shorter")
    assert (branch.version, branch.parent) == (1, origin)


def test_a_new_variant_does_not_take_the_name_of_another(editor):
    origin = make_variant("one")
    page = editor.post(f"/prompts/{origin.prompt_id}/variants/new/", {"name": "plain", "system": "", "template": "x"})
    assert "has a variant “plain” already" in page.content.decode()
    assert Variant.objects.count() == 1


def test_a_version_shows_what_it_changed_word_by_word(viewer):
    old = make_variant("Add the numbers")
    new = Variant.objects.write(old.prompt, "plain", "", "Add two numbers")
    page = viewer.get(f"/prompts/{old.prompt_id}/variants/{new.pk}/").content.decode()
    assert "<del>the</del><ins>two</ins>" in page
    assert viewer.get(f"/prompts/{make_variant().prompt_id}/variants/{new.pk}/").status_code == 404


def preview(client, **fields) -> str:
    return client.post("/prompts/preview/", {"system": "", "template": "Q: {{ question }}", **fields}).content.decode()


def test_the_preview_fills_in_a_real_problem(viewer):
    dataset = make_dataset(5)
    make_dataset(2)
    assert "Q: 0 + 3 =" in preview(viewer)
    page = preview(viewer, dataset=dataset.pk, problem=2)
    assert "Q: 1 + 3 =" in page
    assert "Q: 2 + 3 =" in preview(viewer, dataset=dataset.pk, problem=2, preview=3)
    assert "Q: 4 + 3 =" in preview(viewer, dataset=dataset.pk, problem=99)


def test_the_preview_says_what_is_wrong_with_a_slot(viewer):
    make_dataset()
    page = preview(viewer, template="{{ qestion }}")
    assert "unknown slot “qestion”. Did you mean {{ question }}?" in page


def test_the_target_is_no_slot(viewer):
    make_dataset()
    assert "would hand over the target" in preview(viewer, template="{{ answer }}")


def test_the_preview_shows_the_changes_against_the_parent(viewer):
    make_dataset()
    parent = make_variant("Q: {{ question }}")
    assert "Changes against" not in preview(viewer, parent=parent.pk)
    assert "<ins>Solve </ins>" in preview(viewer, parent=parent.pk, template="Solve Q: {{ question }}")


def test_without_datasets_the_preview_says_so(viewer):
    assert "Add a dataset" in preview(viewer)


def test_without_scripts_the_preview_button_saves_nothing(editor):
    make_dataset()
    old = make_variant("one")
    address = f"/prompts/{old.prompt_id}/variants/{old.pk}/edit/"
    page = editor.post(address, {"system": "", "template": "Now {{ question }}", "preview": "2"}).content.decode()
    assert "Now 1 + 3 =" in page
    assert Variant.objects.count() == 1


def test_an_archived_prompt_leaves_lists_and_menus_and_comes_back(editor):
    variant = make_variant()
    experiment = make_experiment()
    editor.post(f"/prompts/{variant.prompt_id}/archive/")
    assert variant.prompt not in editor.get("/prompts/").context["list"].rows
    form = editor.get("/experiments/new/").context["editor"].form
    assert variant not in form.fields["variants"].queryset
    assert experiment.variants.get() in form.fields["variants"].queryset
    editor.post(f"/prompts/{variant.prompt_id}/archive/", {"restore": ""})
    assert variant.prompt in editor.get("/prompts/").context["list"].rows


def test_renaming_keeps_the_wordings(editor):
    variant = make_variant("one")
    editor.post(f"/prompts/{variant.prompt_id}/describe/", {"name": "Sums", "description": "With care"})
    variant.refresh_from_db()
    assert (variant.prompt.name, variant.template) == ("Sums", "one")


def test_a_viewer_changes_no_prompt(viewer):
    variant = make_variant("one")
    for path in (f"/prompts/{variant.prompt_id}/archive/", f"/prompts/{variant.prompt_id}/variants/{variant.pk}/edit/"):
        assert viewer.post(path, {"system": "", "template": "two"}).status_code == 403
    assert Variant.objects.count() == 1
    assert not Prompt.objects.get().archived
