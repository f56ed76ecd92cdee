"""Search: every kind of thing is found, by all words together, without asking the table of samples."""

import pytest

from experiments.models import Prompt
from experiments.web.searching import KINDS
from experiments.web.words import Words
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_sample, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Each kind of thing holds the word “quince” once."""
    variant = make_variant("Count the quince: {{ question }}", name="plain")
    Prompt.objects.update(description="About quinces")
    dataset = make_dataset(3, "quince problems")
    dataset.problems.filter(position=1).update(question="How many quinces are 2 + 2?")
    run = make_run(
        make_experiment(
            name="Quince counting", dataset=dataset, variants=[variant], language_models=[make_language_model("quince-7b")]
        )
    )
    run.tag("quince")
    run.notes.create(text="Look at the quinces again.", author=None)
    return run


def found(browser, query: str) -> dict[str, list[str]]:
    page = browser.get(f"/search/?{query}")
    assert page.status_code == 200
    return {section.kind.name: [hit.title for hit, _ in section.hits] for section in page.context["sections"]}


def test_every_kind_is_found(viewer, run):
    hits = found(viewer, "q=quince")
    assert set(hits) == {kind.name for kind in KINDS} - {"methods", "terms"}, "the documentation knows no quinces"
    assert hits["runs"] == [f"Run {run.pk}: Quince counting"]
    assert hits["problems"] == ["quince problems: p1"]
    assert set(found(viewer, "q=mean+logprob")) >= {"methods"}
    assert "majority" in found(viewer, "q=majority+selectors")["methods"]
    assert found(viewer, "q=McNemar")["terms"][0] == "McNemar's test, mid-p"


def test_what_is_found_leads_there(viewer, run):
    for section in viewer.get("/search/?q=quince").context["sections"]:
        for hit, _ in section.hits:
            assert viewer.get(hit.url.partition("#")[0]).status_code == 200, hit
    problem = next(s for s in viewer.get("/search/?q=quince").context["sections"] if s.kind.name == "problems")
    assert viewer.get(problem.hits[0][0].url).context["problems"][0].key == "p1", "the one found stands first on its page"


def test_all_words_must_fit_in_any_order_and_case(viewer, run):
    assert found(viewer, "q=COUNTING+quin")["experiments"] == ["Quince counting"]
    assert found(viewer, "q=quince+nowhere") == {}
    assert "Nothing found" in viewer.get("/search/?q=nowhere").content.decode()


def test_a_run_is_found_by_its_number(viewer, run):
    other = make_run(run.experiment)
    for words in (f"{other.pk}", f"run {other.pk}", f"%23{other.pk}"):
        assert found(viewer, f"q={words}&kind=runs") == {"runs": [f"Run {other.pk}: Quince counting"]}


def test_kinds_and_tag_are_chips_in_the_address(viewer, run):
    assert set(found(viewer, "q=quince&kind=runs&kind=notes")) == {"runs", "notes"}
    assert found(viewer, "tag=quince") == {"runs": [f"Run {run.pk}: Quince counting"]}
    page = viewer.get("/search/?q=quince&kind=runs").content.decode()
    assert 'href="?q=quince&amp;kind=runs&amp;kind=notes"' in page
    assert 'aria-current="true">runs</a>' in page


def test_old_versions_and_archived_data_stay_out_of_the_problems(viewer, run):
    make_dataset(1, "quince problems")
    assert "problems" not in found(viewer, "q=quinces")


def test_samples_are_never_read(viewer, run, django_assert_max_num_queries):
    make_sample(run.attempts.first(), text="quince marmalade")
    with django_assert_max_num_queries(15) as asked:
        assert found(viewer, "q=marmalade") == {}
    assert not [query["sql"] for query in asked.captured_queries if "experiments_sample" in query["sql"]]
    with django_assert_max_num_queries(15):
        assert found(viewer, "q=quince")


def test_signs_with_a_meaning_elsewhere_are_plain_text(viewer, run):
    for typed in ("%25", "_", "100%25", "'; drop", "<b>", "\\", "(", "*"):
        assert viewer.get(f"/search/?q={typed}").status_code == 200
    assert found(viewer, "q=q%25e&kind=experiments") == {}


@pytest.mark.parametrize("address", ["/search/?q=%00", "/search/?q=run&tag=%00", "/runs/?q=quince%00", "/models/?q=%00"])
def test_a_sign_that_no_database_holds_finds_nothing(viewer, run, address):
    response = viewer.get(address)
    assert response.status_code == 200
    assert f"/runs/{run.pk}/" not in response.content.decode()


def test_an_excerpt_marks_the_words_and_says_where_it_is_cut():
    text = "x" * 300 + " the Quince and the pear " + "y" * 300
    parts = Words.of("quince pear").marked(text)
    assert [part for part, is_word in parts if is_word] == ["Quince", "pear"]
    whole = "".join(part for part, _ in parts)
    assert whole.startswith("…")
    assert whole.endswith("…")
    assert Words.of("a.c").marked("abc a.c") == [("abc ", False), ("a.c", True)]


def test_the_palette_offers_pages_actions_and_what_fits(viewer, editor, run):
    empty = editor.get("/palette/").content.decode()
    for words in ("Experiments", "New experiment", "Glossary", "Keyboard shortcuts"):
        assert f"<span>{words}</span>" in empty
    assert "New experiment" not in viewer.get("/palette/").content.decode(), "who may not, is not offered"
    typed = viewer.get("/palette/?q=quince+count").content.decode()
    assert f'data-url="/runs/{run.pk}/"' in typed
    assert 'data-url="/search/?q=quince%20count"' in typed
    assert 'data-url="/docs/glossary/"' in viewer.get("/palette/?q=statistics").content.decode()


def test_the_palette_asks_few_questions(viewer, run, django_assert_max_num_queries):
    with django_assert_max_num_queries(13):
        viewer.get("/palette/?q=quince")
