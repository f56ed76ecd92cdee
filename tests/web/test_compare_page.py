"""The compare page: chosen in a form, held in the address, honest about what cannot be compared."""

import pytest

from experiments.models import Attempt, Run
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_sample, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs() -> list[Run]:
    dataset, language_model = make_dataset(6), make_language_model()
    made = []
    for name, n_right in (("plain", 1), ("careful", 3)):
        run = make_run(
            make_experiment(dataset=dataset, n=4, variants=[make_variant(name=name)], language_models=[language_model])
        )
        for attempt in run.attempts.all():
            for index in range(4):
                make_sample(attempt, index, verdict="correct" if index < n_right else "wrong")
        run.attempts.update(state=Attempt.State.DONE)
        made.append(run)
    return made


def arms(*runs: Run) -> str:
    return "&".join(f"arm={run.pk}.{run.conditions.get().key}" for run in runs)


def test_without_a_choice_the_finished_conditions_are_offered(viewer, runs):
    make_run(runs[0].experiment)  # has nothing to compare yet
    page = viewer.get("/compare/")
    assert [each["run"] for each in page.context["offered"]] == [runs[1].pk, runs[0].pk]
    assert "Choose what to compare" in page.content.decode()


def test_an_empty_house_says_what_to_do(viewer):
    assert "Nothing to compare yet" in viewer.get("/compare/").content.decode()


def test_two_runs_are_compared_on_their_problems(viewer, runs):
    page = viewer.get(f"/compare/?{arms(*runs)}")
    html = page.content.decode()
    assert "is clearly best on 6 problems" in html
    assert "+0.50 [+0.50, +0.50]" in html
    assert html.count(f'href="/runs/{runs[1].pk}/attempts/') == 6
    assert [row.aspect for row in page.context["differences"]] == ["prompt"]


def test_the_conditions_of_a_run_can_be_named_by_its_number(viewer, runs):
    page = viewer.get(f"/compare/?run={runs[0].pk}&run={runs[1].pk}")
    assert page.context["comparison"].n_problems_in_all == 6
    alone = viewer.get(f"/compare/?run={runs[0].pk}")
    assert alone.status_code == 200
    assert "needs at least two conditions" in alone.content.decode()


def test_links_keep_the_choice_and_change_one_thing(viewer, runs):
    page = viewer.get(f"/compare/?{arms(*runs)}&metric=majority&k=2")
    other = page.context["results"][0]
    assert other[0].arm.run == runs[1]
    turned = viewer.get(f"/compare/?{other[1]}")
    assert [arm.run for arm in turned.context["comparison"].arms] == [runs[1], runs[0]]
    assert (turned.context["comparison"].metric, turned.context["comparison"].k) == ("majority", 2)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("&metric=oracle&k=9", "k must be between 1 and 4, which all conditions have; 9 is not."),
        ("&metric=magic", "magic is not one of the available choices"),
        ("&arm=999.none", "There is no condition “999.none”"),
        ("&metric=best&verifier=none", "Not all conditions were scored by “none”"),
    ],
)
def test_what_cannot_be_compared_is_said(viewer, runs, query, said):
    page = viewer.get(f"/compare/?{arms(*runs)}{query}")
    assert page.status_code == 400
    assert said in page.content.decode()


def test_two_texts_stand_side_by_side_with_their_words_compared(viewer, runs):
    first, second = (run.attempts.get(problem__key="p0") for run in runs)
    page = viewer.get(f"/compare/texts/?first={first.pk}&second={second.pk}")
    html = page.content.decode()
    assert "Word by word" in html
    assert html.count('class="pill correct"') + html.count('class="pill wrong"') == 2
    assert viewer.get("/compare/texts/?first=0&second=x").status_code == 404


def test_editors_mark_labels_and_come_back(client, editor, runs):
    problem = runs[0].experiment.dataset.problems.first()
    back = f"/compare/?{arms(*runs)}"
    assert editor.post(f"/compare/marks/{problem.pk}/", {"kind": "wrong", "next": back}).url == back
    html = editor.get(back).content.decode()
    assert "If labels are wrong" in html
    assert 'value="wrong" selected' in html
    left = editor.get(f"{back}&labels=wrong")
    assert len(left.context["comparison"].problems) == 5
    editor.post(f"/compare/marks/{problem.pk}/", {"kind": "", "next": "https://elsewhere.example/"})
    assert not problem.marks.exists()
    assert editor.post(f"/compare/marks/{problem.pk}/", {"kind": "odd"}).status_code == 302
    assert not problem.marks.exists()


def test_viewers_may_not_mark(viewer, runs):
    problem = runs[0].experiment.dataset.problems.first()
    assert viewer.post(f"/compare/marks/{problem.pk}/", {"kind": "wrong"}).status_code == 403
    assert not problem.marks.exists()


def test_what_makes_no_sense_is_refused_by_name(viewer, runs):
    for part in ("correction=none", "cluster=nothing", "labels=maybe", "cost=love"):
        page = viewer.get(f"/compare/?{arms(*runs)}&{part}")
        assert page.status_code == 400, part
        assert 'class="message warning"' in page.content.decode()


def test_conditions_over_many_tasks_need_two(viewer, runs):
    page = viewer.get(f"/compare/tasks/?{arms(*runs)}")
    assert page.status_code == 400
    assert "at least two" in page.content.decode()
    assert viewer.get("/compare/tasks/").status_code == 200


def test_the_number_of_problems_is_planned_with_and_without_scripts(viewer):
    whole = viewer.get("/compare/power/?n=626&accuracy=0.5&agreement=0.6").content.decode()
    assert "<b>0.050</b>" in whole
    part = viewer.get("/compare/power/?n=626&accuracy=0.5&agreement=0.6", headers={"HX-Request": "true"}).content.decode()
    assert "<b>0.050</b>" in part
    assert "<html" not in part
    refused = viewer.get("/compare/power/?n=1")
    assert refused.status_code == 400
    assert "Problems: Ensure this value is greater than or equal to 2" in refused.content.decode()


def test_a_comparison_takes_few_queries(viewer, runs, django_assert_max_num_queries):
    address = f"/compare/?{arms(*runs)}"
    with django_assert_max_num_queries(15):
        viewer.get(address)
