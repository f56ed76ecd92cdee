"""The page on which a task's formats are tried on a real problem."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from experiments.domain.formats.format import Format
from experiments.domain.formats.grammar import Grammar
from experiments.domain.types import ProblemDraft
from experiments.models import Dataset, Experiment
from experiments.web.option_forms import OptionsForm
from tests.factories import make_dataset, make_language_model, make_variant
from tests.web.test_option_forms import filled

pytestmark = pytest.mark.django_db


def make_capitals(choices=("Rome", "Paris", "Oslo"), n=3) -> Dataset:
    drafts = [ProblemDraft(f"c{i}", f"Capital {i}?", (choices[1],), tuple(choices)) for i in range(n)]
    return Dataset.objects.store("capitals", drafts, source="test", source_params={})


def entered(grammar: Grammar = Grammar(), **changes) -> dict:  # noqa: B008, it is frozen
    """What the page's form sends."""
    sent = filled(OptionsForm(Grammar, prefix="grammar", params=grammar.model_dump(mode="json")))
    data = {name: values[-1] for name, values in sent.data.lists()}
    return {**data, "problem": "1", "n": "3", "seed": "0", "shots": "1", **changes}


def test_the_page_shows_the_count_and_a_problem_in_several_formats(viewer):
    make_capitals()
    page = viewer.get("/formats/").content.decode()
    assert "<strong>60,134,400</strong> valid formats" in page
    assert page.count("<h3>Format ") == 3
    assert "Question:·Capital·1?⏎\nOptions:·⏎\nA.·Rome⏎\nB.·Paris⏎\nC.·Oslo⏎\nAnswer:·B⏎\n⏎\nQuestion:·Capital·0?" in page
    assert "name=&quot;" not in page


def test_a_dataset_without_choices_begins_with_fields_alone(viewer):
    make_dataset(4)
    page = viewer.get("/formats/").content.decode()
    assert "<strong>640</strong> valid formats" in page
    assert "Question:·1·+·3·=⏎\nAnswer:·4⏎\n⏎\nQuestion:·0·+·3·=⏎\nAnswer:·</div>" in page


def test_what_is_entered_shows_without_marks_in_the_part_that_htmx_asks_for(viewer):
    make_capitals()
    grammar = Grammar(option_word="Choice", original=Format(item_number="1"))
    part = viewer.get("/formats/", entered(grammar, instruction="Say 1 or 2.", n="5"), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert part.count("<h3>") == 6
    assert "Say 1 or 2.\n\nQuestion: Capital 1?\nOptions: \nChoice 1. Rome" in part


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grammar-fields": "Text"}, "“Text” should be descriptor | slot, with a bar between them"),
        ({"grammar-fields": "Text | passage"}, "needs the slot “passage”"),
        ({"grammar-original.separator": '""'}, "The original format is not valid. A descriptor needs a separator"),
        ({"grammar-most_options": "1"}, "greater than or equal to 2"),
        ({"grammar-original.casing": "Sideways"}, "Sideways is not one of the available choices"),
        ({"n": "0"}, "greater than or equal to 1"),
        ({"shots": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_said_in_words(viewer, changes, message):
    make_capitals()
    page = viewer.get("/formats/", entered(**changes), HTTP_HX_REQUEST="true").content.decode()
    assert message in page.replace("&#x27;", "'")
    assert 'role="alert"' in page


def test_a_list_for_problems_without_choices_is_refused_in_words(viewer):
    make_dataset(3)
    page = viewer.get("/formats/", entered()).content.decode()
    assert "lists a problem&#x27;s options, but this problem has none" in page


def test_numbers_that_run_out_are_refused_where_they_do(viewer):
    make_capitals([f"city {k}" for k in range(16)])
    page = viewer.get("/formats/", entered(Grammar(original=Format(item_number="i")))).content.decode()
    assert "end at xv, but this problem has 16 options" in page
    page = viewer.get("/formats/").content.decode()
    assert 'name="grammar-most_options" value="16"' in page
    assert 'role="alert"' not in page


def test_the_chosen_dataset_stays_chosen_while_another_field_is_wrong(viewer):
    capitals = make_capitals()
    make_dataset(3)
    page = viewer.get("/formats/", entered(dataset=capitals.pk, n="many")).content.decode()
    assert f'<option value="{capitals.pk}" selected>' in page
    assert "Enter a whole number" in page
    assert f'href="/formats/?dataset={capitals.pk}"' in viewer.get(capitals.get_absolute_url()).content.decode()


def test_a_page_without_datasets_says_where_to_get_one(viewer):
    assert "Add a dataset" in viewer.get("/formats/").content.decode()


def test_the_grammar_is_taken_along_to_a_new_format_study(editor):
    capitals = make_capitals(n=40)
    grammar = Grammar(option_word="Choice", original=Format(space=" || ", item_number="1"))
    answer = editor.get("/formats/", entered(grammar, instruction="Say 1 or 2.", shots="2", use="1"))
    assert answer.status_code == 302
    asked = parse_qs(urlsplit(answer.url).query)
    assert asked["study"] == ["format_spread"]
    assert Grammar.model_validate(json.loads(asked["study_params"][0])["grammar"]) == grammar

    form = editor.get(answer.url).context["editor"]
    assert (form.study.options.name, form.grader.options.name) == ("format_spread", "prefix_match")
    assert form.form["dataset"].value() == str(capitals.pk)
    model, variant = make_language_model(), make_variant()
    data = {
        "name": "formats",
        "dataset": capitals.pk,
        "language_models": model.pk,
        "variants": variant.pk,
        "repeats": 1,
        "seed": 1,
    }
    data |= {"study": "format_spread", "grader": "prefix_match"}
    for part in (form.study, form.grader, form.decoding):
        data |= {name: values[-1] for name, values in filled(part).data.lists()}
    assert editor.post("/experiments/new/", data).status_code == 302
    saved = Experiment.objects.get()
    assert Grammar.model_validate(saved.study_params["grammar"]) == grammar
    assert (saved.study_params["instruction"], saved.study_params["shots"]) == ("Say 1 or 2.", 2)
    assert (saved.decoding["temperature"], saved.decoding["max_tokens"]) == (0, 10)
    page = editor.get(saved.get_absolute_url()).content.decode()
    assert "Grammar: Option&#x27;s word</span> Choice" in page


@pytest.mark.parametrize("query", ["study=nothing", "study=format_spread&study_params={", "study=format_spread&study_params=[1]"])
def test_a_new_experiment_begins_empty_where_its_beginning_makes_no_sense(editor, query):
    page = editor.get(f"/experiments/new/?{query}")
    assert page.status_code == 200
    assert not page.context["editor"].form.is_bound
