"""The experiment form: saved whole or not at all, with a sentence for what is wrong."""

import pytest

from experiments.models import Experiment
from tests.factories import make_dataset, make_experiment, make_language_model, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    """A complete form as a browser sends it."""
    return {
        "name": "sums",
        "description": "",
        "dataset": make_dataset().pk,
        "max_problems": "2",
        "variants": [make_variant().pk],
        "language_models": [make_language_model().pk],
        "study": "best_of_n",
        "study-best_of_n-shown": "1",
        "study-best_of_n-n": "4",
        "study-best_of_n-verifier": "mean_logprob",
        "decoding-shown": "1",
        "decoding-temperature": "0.7",
        "decoding-max_tokens": "32",
        "grader": "numeric",
        "grader-numeric-shown": "1",
        "grader-numeric-relative_tolerance": "0.01",
        "verifier-0-name": "mean_logprob",
        "verifier-0-mean_logprob-shown": "1",
        "repeats": "1",
        "seed": "7",
    }


def test_a_complete_plan_is_saved_with_its_options(editor, plan):
    response = editor.post("/experiments/new/", plan)
    experiment = Experiment.objects.get()
    assert response.url == f"/experiments/{experiment.pk}/"
    assert (experiment.name, experiment.max_problems, experiment.owner) == ("sums", 2, editor.user)
    assert experiment.study_params["n"] == 4
    assert experiment.decoding["temperature"] == 0.7
    assert experiment.decoding["top_p"] == 1.0
    assert experiment.grader_params["relative_tolerance"] == 0.01
    assert experiment.verifiers == [{"name": "mean_logprob", "params": {}}]
    assert [variant.pk for variant in experiment.variants.all()] == plan["variants"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "This field is required"),
        ({"max_problems": "0"}, "greater than or equal to 1"),
        ({"repeats": "0"}, "greater than or equal to 1"),
        ({"variants": []}, "This field is required"),
        ({"variants": ["999"]}, "not one of the available choices"),
        ({"language_models": []}, "This field is required"),
        ({"study": "nothing"}, "not one of the available choices"),
        ({"study-best_of_n-n": "0"}, "greater than or equal to 1"),
        ({"decoding-temperature": "-1"}, "greater than or equal to 0"),
        ({"grader-numeric-relative_tolerance": "-1"}, "greater than or equal to 0"),
    ],
)
def test_bad_input_shows_its_message_and_nothing_is_saved(editor, plan, change, message):
    page = editor.post("/experiments/new/", {**plan, **change})
    assert page.status_code == 200
    assert message in page.content.decode()
    assert not Experiment.objects.exists()


def test_a_taken_name_is_refused(editor, plan):
    make_experiment(name="sums")
    page = editor.post("/experiments/new/", plan).content.decode()
    assert "already exists" in page
    assert Experiment.objects.count() == 1


def test_a_template_that_does_not_fit_the_problems_is_refused_with_its_place(editor, plan):
    page = editor.post("/experiments/new/", {**plan, "variants": [make_variant("Line one\n{{ riddle }}").pk]})
    assert "Line 2, column 1: unknown slot “riddle”" in page.content.decode()
    assert not Experiment.objects.exists()
    assert 'action="/experiments/None' not in page.content.decode()


def test_choosing_another_grader_shows_its_options_before_anything_is_saved(editor, plan):
    page = editor.post("/experiments/new/", {**plan, "grader": "regex"})
    html = page.content.decode()
    assert "look at the options of the grader" in html
    assert 'name="grader-regex-shown"' in html
    assert 'value="sums"' in html
    assert not Experiment.objects.exists()


def test_without_scripts_a_button_shows_the_options_and_saves_nothing(editor, plan):
    assert editor.post("/experiments/new/", {**plan, "show": ""}).status_code == 200
    assert not Experiment.objects.exists()


def test_with_scripts_the_menu_fetches_the_options_alone(editor):
    page = editor.get("/experiments/options/grader/?grader=regex", headers={"HX-Request": "true"}).content.decode()
    assert 'name="grader-regex-shown"' in page
    assert "<html" not in page
    assert editor.get("/experiments/options/grader/?grader=nothing").status_code == 404
    assert editor.get("/experiments/options/nothing/").status_code == 404


def test_editing_changes_this_plan_only(editor, plan):
    experiment, other = make_experiment(name="sums"), make_experiment()
    editor.post(f"/experiments/{experiment.pk}/edit/", {**plan, "study-best_of_n-n": "9"})
    experiment.refresh_from_db()
    other.refresh_from_db()
    assert (experiment.study_params["n"], other.study_params["n"]) == (9, 4)


def test_a_refused_edit_changes_nothing(editor, plan):
    experiment = make_experiment(name="sums", n=4)
    variants = list(experiment.variants.all())
    editor.post(f"/experiments/{experiment.pk}/edit/", {**plan, "variants": [make_variant("{{ riddle }}").pk]})
    experiment.refresh_from_db()
    assert (experiment.study_params, list(experiment.variants.all())) == ({"n": 4}, variants)


def test_the_form_opens_with_what_is_stored(editor):
    experiment = make_experiment(n=13, decoding={"temperature": 0.3, "stop": ["\n\n"]})
    page = editor.get(f"/experiments/{experiment.pk}/edit/").content.decode()
    assert 'name="study-best_of_n-n" value="13"' in page
    assert 'name="decoding-temperature" value="0.3"' in page
    assert "&quot;\\n\\n&quot;" in page


def test_a_plan_keeps_the_older_variant_it_uses_in_its_menu(editor):
    old = make_variant()
    experiment = make_experiment(variants=[old])
    type(old).objects.write(old.prompt, old.name, "", "A newer wording of {{ question }}")
    form = editor.get(f"/experiments/{experiment.pk}/edit/").context["editor"].form
    assert {variant.version for variant in form.fields["variants"].queryset} == {1, 2}


def test_a_link_from_a_dataset_opens_the_form_with_it_chosen(editor):
    dataset = make_dataset()
    page = editor.get(f"/experiments/new/?dataset={dataset.pk}").content.decode()
    assert f'<option value="{dataset.pk}" selected>' in page


def test_the_size_is_known_while_the_plan_is_typed(editor, plan):
    """Also with the name missing, on which it does not depend."""
    page = editor.post("/experiments/size/", {**plan, "name": "", "repeats": "3"}).content.decode()
    assert "2 problems × 1 condition × 3 repeats: <strong>24 samples</strong>" in page
    assert editor.post("/experiments/size/", {**plan, "study-best_of_n-n": "0"}).content.decode().strip() == ""
    assert editor.post("/experiments/size/", {}).content.decode().strip() == ""
    assert not Experiment.objects.exists()


def test_strategies_are_chosen_by_check_boxes_and_share_their_options(editor, plan):
    name = "study-test_time_compute"
    asked = {
        f"{name}-shown": "1",
        f"{name}-strategies": ["beam_search", "self_consistency"],
        f"{name}-budgets": "4, 8",
        f"{name}-token_budgets": "200",
        f"{name}-verifier": "mean_logprob",
        f"{name}-separators": '"\\n"',
        f"{name}-overrides": '{"beam_search": {"width": 2}}',
        "decoding-temperature": "0.8",
        "study": "test_time_compute",
    }
    editor.post("/experiments/new/", {**plan, **asked})
    experiment = Experiment.objects.get()
    kept = experiment.study_params
    assert (kept["strategies"], kept["budgets"], kept["separators"]) == (["beam_search", "self_consistency"], [4, 8], ["\n"])
    page = editor.get(f"/experiments/{experiment.pk}/edit/").content.decode()
    assert page.count("checked") >= 2
    wrong = editor.post("/experiments/new/", {**plan, "name": "b", **asked, f"{name}-overrides": '{"dvts": {}}'})
    assert "“dvts”, which is not among the strategies" in wrong.content.decode()


def judge_row(place: int, **options: str) -> dict[str, str]:
    """A judge as a browser sends it."""
    prefix = f"verifier-{place}-llm_judge"
    filled_in = {"shown": "1", "scale": "points", "rubric": "Is it right?", **options}
    return {f"verifier-{place}-name": "llm_judge", **{f"{prefix}-{name}": value for name, value in filled_in.items()}}


def test_verifiers_are_added_one_row_at_a_time_and_without_scripts(editor, plan):
    make_language_model("the judge")
    added = editor.post("/experiments/new/", {**plan, "add_verifier": "llm_judge", "show": ""}).content.decode()
    assert 'name="verifier-0-name" value="mean_logprob"' in added
    assert 'name="verifier-1-name" value="llm_judge"' in added
    assert '<option value="the judge">the judge</option>' in added
    judge, labels = judge_row(1, language_model="the judge"), judge_row(2, scale="labels")
    editor.post("/experiments/new/", {**plan, **judge, **labels})
    experiment = Experiment.objects.get()
    assert [each["name"] for each in experiment.verifiers] == ["mean_logprob", "llm_judge", "llm_judge"]
    assert [each["params"].get("language_model") for each in experiment.verifiers] == [None, "the judge", ""]
    assert experiment.verifiers[2]["params"]["scale"] == "labels"
    page = editor.get(f"/experiments/{experiment.pk}/edit/").content.decode()
    assert '<option value="the judge" selected>' in page


def test_a_verifier_whose_options_nobody_has_seen_is_not_saved_yet(editor, plan):
    page = editor.post("/experiments/new/", {**plan, "add_verifier": "length"}).content.decode()
    assert "look at the options of the verifier" in page
    assert not Experiment.objects.exists()


def test_a_verifier_is_removed_by_its_box(editor, plan):
    editor.post("/experiments/new/", {**plan, "verifier-0-remove": "on"})
    assert Experiment.objects.get().verifiers == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (judge_row(1, draws="3"), "at temperature 0 all 3 judgements would be the same"),
        ({"verifier-1-name": "mean_logprob", "verifier-1-mean_logprob-shown": "1"}, "chosen twice with the same options"),
        (
            {"verifier-1-name": "p_true", "verifier-1-p_true-shown": "1", "verifier-1-p_true-asking": "logprobs"},
            "needs the likelihood of given texts of the language model it asks",
        ),
    ],
)
def test_a_verifier_that_cannot_work_is_refused_with_its_reason(editor, plan, row, message):
    assert message in editor.post("/experiments/new/", {**plan, **row}).content.decode()
    assert not Experiment.objects.exists()
