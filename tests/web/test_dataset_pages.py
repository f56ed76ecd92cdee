"""Datasets: the list, the problems of one, and having problems generated."""

import pytest

from experiments.models import Dataset
from tests.factories import make_dataset

pytestmark = pytest.mark.django_db
TASK = {
    "name": "sums",
    "source-reasoning_gym-task": "chain_sum",
    "source-reasoning_gym-shown-chain_sum": "1",
    "source-reasoning_gym-size": "5",
    "source-reasoning_gym-seed": "1",
    "source-reasoning_gym-chain_sum.min_terms": "2",
    "source-reasoning_gym-chain_sum.max_terms": "2",
    "source-reasoning_gym-chain_sum.min_digits": "1",
    "source-reasoning_gym-chain_sum.max_digits": "1",
}
ADDRESS = "/datasets/generate/reasoning_gym/"


def test_without_datasets_the_page_says_what_to_do_next(editor):
    assert "No datasets yet" in editor.get("/datasets/").content.decode()


def test_the_list_shows_the_newest_version_of_every_name(viewer):
    make_dataset(2, "sums")
    make_dataset(3, "sums")
    make_dataset(1, "other")
    rows = viewer.get("/datasets/").context["list"].rows
    assert [(row.name, row.version) for row in rows] == [("other", 1), ("sums", 2)]


def test_the_problems_go_on_by_position(viewer):
    dataset = make_dataset(53)
    page = viewer.get(f"/datasets/{dataset.pk}/")
    assert [problem.key for problem in page.context["problems"]] == [f"p{number}" for number in range(50)]
    rest = viewer.get(f"/datasets/{dataset.pk}/?after={page.context['next_after']}")
    assert [problem.key for problem in rest.context["problems"]] == ["p50", "p51", "p52"]
    assert rest.context["next_after"] is None


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40])
def test_a_position_that_cannot_be_read_shows_the_first_problems(viewer, after):
    dataset = make_dataset(2)
    assert len(viewer.get(f"/datasets/{dataset.pk}/", {"after": after}).context["problems"]) == 2


def test_a_task_is_generated_with_its_own_options(editor):
    response = editor.post(ADDRESS, TASK)
    dataset = Dataset.objects.get()
    assert response.url == f"/datasets/{dataset.pk}/"
    assert dataset.n_problems == 5
    assert dataset.source_params["params"] == {"max_terms": 2, "max_digits": 1}
    for problem in dataset.problems.all():
        assert len(problem.question.split("+")) + len(problem.question.split(" - ")) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source-reasoning_gym-size": "0"}, "greater than or equal to 1"),
        ({"source-reasoning_gym-chain_sum.min_terms": "5"}, "chain_sum refuses these options"),
        ({"source-reasoning_gym-chain_sum.min_terms": "two"}, "min_terms"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_bad_options_show_their_message_and_nothing_is_saved(editor, change, message):
    page = editor.post(ADDRESS, {**TASK, **change})
    assert page.status_code == 200
    assert message in page.content.decode()
    assert not Dataset.objects.exists()


def test_choosing_another_task_shows_its_options_before_anything_is_saved(editor):
    page = editor.post(ADDRESS, {**TASK, "source-reasoning_gym-task": "basic_arithmetic"}).content.decode()
    assert 'name="source-reasoning_gym-shown-basic_arithmetic"' in page
    assert 'name="source-reasoning_gym-shown-chain_sum"' not in page
    assert not Dataset.objects.exists()


def test_with_scripts_the_menu_fetches_the_options_alone(editor):
    query = {"source-reasoning_gym-task": "basic_arithmetic"}
    page = editor.get(ADDRESS, query, headers={"HX-Request": "true"}).content.decode()
    assert 'name="source-reasoning_gym-shown-basic_arithmetic"' in page
    assert "<html" not in page


def test_a_source_that_reads_files_generates_nothing(editor):
    assert editor.get("/datasets/generate/csv/").status_code == 404
    assert editor.get("/datasets/generate/nothing/").status_code == 404


def test_a_viewer_generates_nothing(viewer):
    assert viewer.post(ADDRESS, TASK).status_code == 403
    assert not Dataset.objects.exists()
