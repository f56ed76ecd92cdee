"""Lists: filters as chips in the address, order, columns, pages, and views that are kept."""

import pytest

from experiments.models import Dataset, Experiment, Run, SavedView
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_user

pytestmark = pytest.mark.django_db
LISTS = ["/experiments/", "/runs/", "/prompts/", "/datasets/", "/models/"]


def shown(browser, address: str) -> list:
    return browser.get(address).context["list"].rows


def test_filters_add_up_and_each_chip_takes_one_off(viewer):
    sums, units = make_experiment(name="Sums"), make_experiment(name="Units")
    wanted, paused, other = make_run(sums), make_run(sums), make_run(units)
    Run.objects.filter(pk=paused.pk).update(state="paused")
    page = viewer.get(f"/runs/?state=queued&experiment={sums.pk}&sort=tokens").context["list"]
    assert page.rows == [wanted]
    assert [(chip.title, chip.value) for chip in page.chips] == [("state", "queued"), ("experiment", "Sums")]
    assert set(shown(viewer, f"/runs/?{page.chips[0].without}")) == {wanted, paused}
    assert set(shown(viewer, f"/runs/?{page.chips[1].without}")) == {wanted, other}
    assert "sort=tokens" in page.chips[0].without, "taking a filter off keeps the order"
    assert set(shown(viewer, f"/runs/?{page.without_chips()}")) == {wanted, paused, other}


def test_a_run_with_two_fitting_conditions_is_listed_once(viewer):
    models = [make_language_model("one"), make_language_model("two")]
    run = make_run(language_models=models)
    assert shown(viewer, f"/runs/?model={models[0].pk}") == [run]
    run.tag("first, second")
    assert shown(viewer, "/runs/?q=s") == shown(viewer, "/runs/") == [run]


def test_what_the_list_does_not_know_is_passed_over(viewer):
    run = make_run()
    for query in (
        "state=gone",
        "experiment=x",
        "experiment=99999999999999999999",
        "sort=password",
        "column=nothing",
        "page=0",
        "page=x",
    ):
        assert shown(viewer, f"/runs/?{query}") == [run], query


def test_words_are_found_in_names_tags_and_notes(editor):
    first, second = make_run(make_experiment(name="Long sums")), make_run(make_experiment(name="Units"))
    second.tag("for the paper")
    first.notes.create(text="The endpoint was slow.", author=None)
    assert shown(editor, "/runs/?q=sums+LONG") == [first]
    assert shown(editor, "/runs/?q=paper") == [second]
    assert shown(editor, "/runs/?q=slow") == [first]
    assert "No runs fit" in editor.get("/runs/?q=nowhere").content.decode()


def test_columns_sort_both_ways_and_tell_so(viewer):
    names = ["b plan", "a plan", "c plan"]
    for name in names:
        make_experiment(name=name)
    assert [row.name for row in shown(viewer, "/experiments/?sort=experiment")] == sorted(names)
    page = viewer.get("/experiments/?sort=-experiment")
    assert [row.name for row in page.context["list"].rows] == sorted(names, reverse=True)
    assert 'aria-sort="descending"><a class="sorter" href="?sort=experiment"' in page.content.decode()
    assert [row.name for row in shown(viewer, "/experiments/")] == names[::-1], "newest first, unless asked otherwise"


def test_columns_can_be_chosen(viewer):
    make_run()
    page = viewer.get("/runs/?column=run&column=study&column=cost").context["list"]
    assert [column.name for column in page.columns] == ["run", "cost", "study"]
    assert "Best of N" in viewer.get("/runs/?column=run&column=study").content.decode()


@pytest.mark.parametrize("path", LISTS)
def test_every_column_can_be_shown_and_sorted_by(viewer, path):
    make_run()
    listing = viewer.get(path).context["list"].listing
    columns = "&".join(f"column={column.name}" for column in listing.columns)
    for column in listing.columns:
        page = viewer.get(f"{path}?{columns}&sort=-{column.name}")
        assert page.context["list"].columns == list(listing.columns)
        assert page.content.decode().count("<th ") == len(listing.columns)


def test_a_list_goes_on_by_pages(viewer):
    first = make_experiment(name="plan 00")
    shared = {"dataset": first.dataset, "study": first.study, "grader": first.grader}
    Experiment.objects.bulk_create([Experiment(name=f"plan {number:02}", **shared) for number in range(1, 52)])
    page = viewer.get("/experiments/").context["list"]
    assert (page.n_rows, page.n_pages, len(page.rows)) == (52, 2, 50)
    rest = viewer.get(f"/experiments/?{page.next_query()}").context["list"]
    assert [row.name for row in rest.rows] == ["plan 01", "plan 00"]
    assert viewer.get("/experiments/?page=99").context["list"].number == 2


@pytest.mark.parametrize("path", LISTS)
def test_lists_with_everything_on_stay_within_fifteen_queries(administrator, path, django_assert_max_num_queries):
    for _ in range(5):
        make_run().tag("a, b")
        make_dataset(2).tag("c")
    SavedView.objects.create(owner=administrator.user, page="runs", name="mine", query="state=queued")
    columns = "&".join(f"column={column.name}" for column in administrator.get(path).context["list"].listing.columns)
    with django_assert_max_num_queries(15):
        administrator.get(f"{path}?{columns}&q=s&sort=-tags")


def test_a_view_is_kept_for_its_owner_alone(viewer, editor):
    response = viewer.post("/views/save/", {"page": "runs", "name": "Failed", "query": "state=failed&sort=-tokens"})
    assert response.url == "/runs/?state=failed&sort=-tokens"
    assert [view.name for view in viewer.get("/runs/").context["list"].saved_views] == ["Failed"]
    assert editor.get("/runs/").context["list"].saved_views == []
    assert viewer.get("/experiments/").context["list"].saved_views == [], "a view belongs to its list"
    viewer.post("/views/save/", {"page": "runs", "name": "Failed", "query": "state=paused"})
    view = SavedView.objects.get()
    assert view.query == "state=paused", "the same name is replaced"
    assert editor.post(f"/views/{view.pk}/forget/").status_code == 404
    viewer.post(f"/views/{view.pk}/forget/")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("fields", [{"page": "admin"}, {"name": ""}, {"name": "x" * 61}, {"query": "q=" + "x" * 2000}])
def test_what_cannot_be_kept_as_a_view_is_refused(viewer, fields):
    page = viewer.post("/views/save/", {"page": "runs", "name": "n", "query": "", **fields}, follow=True)
    assert "The view was not saved" in page.content.decode()
    assert not SavedView.objects.exists()


def test_archived_runs_and_datasets_leave_their_lists_and_come_back(editor):
    run = make_run()
    dataset = run.experiment.dataset
    editor.post(f"/runs/{run.pk}/archive/")
    editor.post(f"/datasets/{dataset.pk}/archive/")
    assert shown(editor, "/runs/") == shown(editor, "/datasets/") == []
    assert (shown(editor, "/runs/?archived"), shown(editor, "/datasets/?archived")) == ([run], [dataset])
    assert "archived</span>" in editor.get(f"/runs/{run.pk}/").content.decode()
    editor.post(f"/runs/{run.pk}/archive/", {"restore": ""})
    editor.post(f"/datasets/{dataset.pk}/archive/", {"restore": ""})
    assert (shown(editor, "/runs/"), shown(editor, "/datasets/")) == ([run], [dataset])


def test_an_archived_dataset_leaves_the_menus_but_for_the_plan_that_uses_it(editor):
    experiment, other = make_experiment(), make_dataset()
    Dataset.objects.update(archived=True)
    choices = editor.get("/experiments/new/").content.decode()
    assert other.name not in choices
    assert experiment.dataset.name in editor.get(f"/experiments/{experiment.pk}/edit/").content.decode()


def test_the_owner_of_a_view_takes_it_along(db):
    owner = make_user()
    SavedView.objects.create(owner=owner, page="runs", name="n", query="")
    owner.delete()
    assert not SavedView.objects.exists()
