"""The prompt editor: columns, drafts, checks, versions, merging, examples and trials; scripts have the browser's test."""

import pytest

from experiments.domain.types import ProblemDraft
from experiments.models import Dataset, LanguageModel, PromptDraft, Trial, Variant
from tests.factories import make_dataset, make_language_model, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant():
    return make_variant("What is {{ question }}")


def fields(variant: Variant, template: str, base: Variant | None = None, **more) -> dict:
    key = variant.pk
    texts = {f"system-{key}": "", f"template-{key}": template, f"base-{key}": (base or variant).pk}
    return {"column": key, "shown": key, **texts, **more}


def press(client, variant, do: str, template: str = "What is {{ question }}", **more):
    return client.post(f"/prompts/{variant.prompt_id}/editor/", fields(variant, template, do=do, **more), follow=True)


def typed(client, variant, template: str, **more) -> str:
    address = f"/prompts/{variant.prompt_id}/editor/{variant.pk}/typed/"
    return client.post(address, fields(variant, template, **more)).content.decode()


def test_chosen_variants_stand_side_by_side(editor, variant):
    others = [Variant.objects.write(variant.prompt, name, "", f"text of {name}") for name in "bcde"]
    page = editor.get(f"/prompts/{variant.prompt_id}/editor/?shown={others[0].pk}&shown={others[3].pk}").content.decode()
    assert "text of b" in page
    assert "text of e" in page
    assert "text of c" not in page


def test_saving_makes_the_next_version_and_forgets_the_draft(editor, variant):
    assert "Saved plain v2" in press(editor, variant, f"save-{variant.pk}", "two").content.decode()
    assert Variant.objects.get(version=2).template == "two"
    assert not PromptDraft.objects.exists()


def test_what_was_typed_comes_back_and_can_be_discarded(editor, variant):
    assert "draft kept" in typed(editor, variant, "half a thou")
    page = editor.get(f"/prompts/{variant.prompt_id}/editor/").content.decode()
    assert "half a thou" in page
    assert "is back" in page
    page = press(editor, variant, f"discard-{variant.pk}", "half a thou").content.decode()
    assert "half a thou" not in page
    assert not PromptDraft.objects.exists()


def test_a_draft_is_its_authors_alone(editor, viewer, variant):
    typed(editor, variant, "half a thou")
    assert "half a thou" not in viewer.get(f"/prompts/{variant.prompt_id}/editor/").content.decode()


def test_any_button_keeps_what_was_typed(editor, variant):
    assert "half a thou" in press(editor, variant, "show", "half a thou").content.decode()


def test_the_later_of_two_who_edit_gets_the_three_texts(editor, variant):
    theirs = Variant.objects.write(variant.prompt, "plain", "", "What is their {{ question }}", author=make_user())
    response = press(editor, variant, f"save-{variant.pk}", "What is my {{ question }}")
    page = response.content.decode()
    assert response.status_code == 409
    assert "<ins>their </ins>" in page
    assert "<ins>my </ins>" in page
    assert Variant.objects.count() == 2
    press(editor, theirs, f"save-{theirs.pk}", "What is our {{ question }}")
    merged = Variant.objects.get(version=3)
    assert (merged.template, merged.parent) == ("What is our {{ question }}", theirs)
    assert not PromptDraft.objects.exists()


def test_a_draft_over_an_older_version_still_ends_in_a_merge(editor, variant):
    typed(editor, variant, "mine")
    Variant.objects.write(variant.prompt, "plain", "", "theirs")
    page = editor.get(f"/prompts/{variant.prompt_id}/editor/")
    column = page.context["columns"][0]
    assert (column.base, column.template, column.is_overtaken) == (variant, "mine", True)


def test_restoring_makes_a_new_version_with_the_old_text(editor, variant):
    second = Variant.objects.write(variant.prompt, "plain", "", "two")
    press(editor, second, f"restore-{variant.pk}", "two")
    assert Variant.objects.get(version=3).template == variant.template


def test_variants_are_added_renamed_and_duplicated(editor, variant):
    press(editor, variant, "add", new_name="fresh")
    press(editor, variant, f"duplicate-{variant.pk}", "typed so far", **{f"name-{variant.pk}": "twin"})
    press(editor, variant, f"rename-{variant.pk}", **{f"name-{variant.pk}": "simple"})
    assert set(Variant.objects.values_list("name", flat=True)) == {"fresh", "twin", "simple"}
    twin = Variant.objects.get(name="twin")
    assert (twin.template, twin.parent) == ("typed so far", variant)
    page = press(editor, variant, f"rename-{variant.pk}", **{f"name-{variant.pk}": "twin"}).content.decode()
    assert "has a variant “twin” already" in page


def test_an_unknown_slot_names_the_nearest_and_an_open_brace_its_place(viewer, variant):
    make_dataset()
    assert "Did you mean {{ question }}?" in typed(viewer, variant, "{{ qestion }}")
    assert "never closed" in typed(viewer, variant, "{{ question")
    assert not PromptDraft.objects.exists()


def test_a_slot_that_only_some_problems_have_names_one_that_lacks_it(viewer, variant):
    drafts = [
        ProblemDraft(key="with", question="a?", answers=("1",), metadata={"hint": "b"}),
        ProblemDraft(key="without", question="c?", answers=("1",)),
    ]
    Dataset.objects.store("hints", drafts, source="test", source_params={})
    assert "Problem without has no “hint” (1 of the dataset lack it)" in typed(viewer, variant, "{{ hint }}")


def test_the_diff_follows_the_chosen_sibling(viewer, variant):
    sibling = Variant.objects.write(variant.prompt, "other", "", "What was {{ question }}")
    page = typed(viewer, variant, "What is {{ question }}", **{"against-plain": sibling.pk})
    assert "<del>was</del><ins>is</ins>" in page


def test_problems_that_stand_in_the_prompt_are_named(viewer, variant):
    make_dataset(3)
    page = typed(viewer, variant, "Q: 1 + 3 =\nA: 4\n\nQ: {{ question }}")
    assert "1 of the dataset’s problems stands in this prompt" in page
    assert "p1" in page


def test_examples_are_found_drawn_by_seed_and_put_in_literally(editor, variant):
    drafts = [ProblemDraft(key=f"k{i}", question=f"Say {{{{ x }}}} {i}?", answers=(str(i),)) for i in range(9)]
    Dataset.objects.store("braces", drafts, source="test", source_params={})
    address = f"/prompts/{variant.prompt_id}/editor/"
    found = editor.get(f"{address}?find=x }}}} 7").context["found"]
    assert [problem.key for problem, _ in found] == ["k7"]
    drawn = [[problem.key for problem, _ in editor.get(f"{address}?draw=3&draw_seed=5").context["found"]] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 3
    press(editor, variant, f"insert-{variant.pk}", "{{ question }}", example="k7", layout="qa")
    column = editor.get(address).context["columns"][0]
    assert column.template == "Q: Say \\{{ x }} 7?\nA: 7\n\n{{ question }}"
    assert column.shown_problems == ["k7"]
    assert column.messages_to_send == [("user", "Q: Say {{ x }} 7?\nA: 7\n\nSay {{ x }} 0?")]


def test_a_trial_is_asked_of_a_worker_with_what_was_typed(editor, variant):
    make_dataset()
    make_language_model()
    address = f"/prompts/{variant.prompt_id}/editor/{variant.pk}/try/"
    page = editor.post(address, fields(variant, "Solve {{ question }}", grader="numeric", seed=5)).content.decode()
    trial = Trial.objects.get()
    assert trial.messages == [{"role": "user", "content": "Solve 0 + 3 ="}]
    assert (trial.seed, trial.grader, trial.requested_by) == (5, "numeric", editor.user)
    assert "No worker is running" in page
    editor.post(f"/prompts/trials/{trial.pk}/stop/")
    trial.refresh_from_db()
    assert trial.state == Trial.State.CANCELLED


def test_a_trial_is_seen_by_who_asked_for_it_only(editor, viewer, variant):
    make_dataset()
    make_language_model()
    press(editor, variant, f"try-{variant.pk}")
    trial = Trial.objects.get()
    assert editor.get(f"/prompts/trials/{trial.pk}/").status_code == 200
    assert viewer.get(f"/prompts/trials/{trial.pk}/").status_code == 404
    assert viewer.post(f"/prompts/trials/{trial.pk}/stop/").status_code == 404


def test_a_remote_model_is_tried_only_where_cost_is_accepted(editor, variant):
    make_dataset()
    params = {"base_url": "https://example.org/v1", "model": "m"}
    LanguageModel.objects.create(name="far", backend="openai_api", params=params)
    page = press(editor, variant, f"try-{variant.pk}").content.decode()
    assert "its endpoint may charge" in page
    assert not Trial.objects.exists()
    press(editor, variant, f"try-{variant.pk}", accepts_cost="on")
    assert Trial.objects.get().language_model.name == "far"


def tokens(client, variant) -> str:
    address = f"/prompts/{variant.prompt_id}/editor/{variant.pk}/tokens/"
    return client.post(address, fields(variant, "{{ question }}")).content.decode()


def test_tokens_are_exact_for_a_local_model_and_an_estimate_elsewhere(viewer, variant, settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    make_dataset()
    script = make_language_model()
    assert "estimate" in tokens(viewer, variant)
    script.delete()
    LanguageModel.objects.create(name="local", backend="llama_cpp", params={})
    page = tokens(viewer, variant)
    assert "tokens for local" in page
    assert "about" not in page


def test_a_viewer_reads_but_changes_nothing(viewer, variant):
    make_dataset()
    make_language_model()
    assert "Save as" not in viewer.get(f"/prompts/{variant.prompt_id}/editor/").content.decode()
    assert press(viewer, variant, f"save-{variant.pk}", "two").status_code == 403
    assert viewer.post(f"/prompts/{variant.prompt_id}/editor/{variant.pk}/try/", fields(variant, "x")).status_code == 403
    assert Variant.objects.count() == 1
    assert not Trial.objects.exists()
