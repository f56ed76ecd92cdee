"""The list and the page of experiments, and what their buttons do."""

import pytest

from experiments.models import Experiment, Run
from tests.factories import make_experiment, make_run, make_variant

pytestmark = pytest.mark.django_db


def test_without_experiments_the_page_says_what_to_do_next(editor, viewer):
    assert "Plan the first one" in editor.get("/experiments/").content.decode()
    assert "Plan the first one" not in viewer.get("/experiments/").content.decode()


def test_the_page_shows_the_plan_and_its_size(viewer):
    experiment = make_experiment(n=4, problems=3, repeats=2, variants=[make_variant(), make_variant(name="other")])
    page = viewer.get(f"/experiments/{experiment.pk}/")
    size = page.context["size"]
    assert (size.n_problems, size.n_conditions, size.repeats, size.n_samples) == (3, 2, 2, 48)
    for words in ("Best of N", str(experiment.dataset), "Mean logprob"):
        assert words in page.content.decode()


def test_only_editors_see_the_buttons(viewer, editor):
    experiment = make_experiment()
    assert "Start a run" not in viewer.get(f"/experiments/{experiment.pk}/").content.decode()
    assert "Start a run" in editor.get(f"/experiments/{experiment.pk}/").content.decode()


def test_a_plan_that_cannot_be_laid_out_says_why(editor):
    experiment = make_experiment()
    Experiment.objects.update(decoding={"temperature": -1})
    page = editor.get(f"/experiments/{experiment.pk}/").content.decode()
    assert "This plan cannot run as it stands. Decoding: Temperature" in page
    assert "disabled" in page


def test_starting_makes_a_run_and_leads_to_it(editor):
    experiment = make_experiment()
    response = editor.post(f"/experiments/{experiment.pk}/start/")
    run = Run.objects.get()
    assert response.url == f"/runs/{run.pk}/"
    assert (run.experiment, run.started_by, run.state) == (experiment, editor.user, "queued")


def test_what_cannot_start_says_why_and_makes_no_run(editor):
    experiment = make_experiment(variants=[make_variant("{{ riddle }}")])
    page = editor.post(f"/experiments/{experiment.pk}/start/", follow=True).content.decode()
    assert "Not started." in page
    assert "unknown slot “riddle”" in page
    assert not Run.objects.exists()


def test_a_duplicate_has_the_same_plan_under_a_name_of_its_own(editor):
    experiment = make_experiment(n=8, name="sums")
    response = editor.post(f"/experiments/{experiment.pk}/duplicate/")
    copy = Experiment.objects.latest("pk")
    assert response.url == f"/experiments/{copy.pk}/edit/"
    assert (copy.name, copy.owner, copy.study_params) == ("sums (copy)", editor.user, {"n": 8})
    assert list(copy.variants.all()) == list(experiment.variants.all())


def test_archiving_hides_it_from_the_list_until_it_is_brought_back(editor):
    experiment, other = make_experiment(name="old plan"), make_experiment(name="new plan")
    make_run(experiment)
    editor.post(f"/experiments/{experiment.pk}/archive/")
    assert [row.name for row in editor.get("/experiments/").context["list"].rows] == ["new plan"]
    assert [row.name for row in editor.get("/experiments/?archived").context["list"].rows] == ["old plan"]
    assert Run.objects.count() == 1
    editor.post(f"/experiments/{experiment.pk}/archive/")
    assert len(editor.get("/experiments/").context["list"].rows) == 1, "twice is not back"
    editor.post(f"/experiments/{experiment.pk}/archive/", {"restore": ""})
    assert len(editor.get("/experiments/").context["list"].rows) == 2
    other.refresh_from_db()
    assert not other.archived


@pytest.mark.parametrize("verb", ["start", "duplicate", "archive"])
def test_the_buttons_refuse_get(editor, verb):
    experiment = make_experiment()
    assert editor.get(f"/experiments/{experiment.pk}/{verb}/").status_code == 405
    assert (Run.objects.count(), Experiment.objects.count()) == (0, 1)


@pytest.mark.parametrize("verb", ["start", "duplicate", "archive", "edit"])
def test_a_viewer_is_told_that_it_takes_an_editor(viewer, verb):
    experiment = make_experiment()
    page = viewer.post(f"/experiments/{experiment.pk}/{verb}/")
    assert page.status_code == 403
    assert "needs the role editor" in page.content.decode()
    experiment.refresh_from_db()
    assert (Run.objects.count(), Experiment.objects.count(), experiment.archived) == (0, 1, False)
