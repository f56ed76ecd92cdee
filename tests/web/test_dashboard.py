"""The first page: what to do next, what is under way, what was found."""

import pytest

from experiments.models import Finding, Run
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def test_an_empty_house_shows_the_way_to_a_first_result(editor, viewer):
    page = editor.get("/").content.decode()
    for address in ("/datasets/upload/", "/prompts/new/", "/models/new/", "/experiments/new/"):
        assert f'href="{address}"' in page
    assert "Ask an administrator for the role editor" in viewer.get("/").content.decode()


def test_the_steps_that_are_done_are_ticked_off(editor):
    make_experiment()
    page = editor.get("/")
    assert [(step.title, step.n) for step in page.context["steps"]] == [
        ("Datasets", 1),
        ("Prompt variants", 1),
        ("Models", 1),
        ("Experiments", 1),
        ("Runs", 0),
        ("Conditions to compare", 0),
    ]
    html = page.content.decode()
    assert html.count('class="done"') == 4
    assert 'class="next" aria-current="step"' in html
    assert page.context["following"].title == "Runs"


def test_the_way_ends_once_two_conditions_can_be_compared(editor, viewer):
    run = make_run()
    Run.objects.update(state="completed", n_attempts_done=3)
    Finding.objects.create(run=run, position=0, key="headline", title="t", sentence="Found.")
    assert editor.get("/").context["following"].title == "Conditions to compare", "one condition has nothing to be compared with"
    assert "To a first comparison" not in viewer.get("/").content.decode(), "who only reads is not led"
    make_run(run.experiment)
    Run.objects.update(state="completed", n_attempts_done=3)
    page = editor.get("/")
    assert page.context["following"] is None
    assert "To a first comparison" not in page.content.decode()


def test_runs_under_way_show_their_progress(viewer):
    run = make_run(n=4, problems=3)
    Run.objects.update(state="running", n_samples=6, n_graded=6, n_correct=3, busy_seconds=12)
    finished = make_run(run.experiment)
    Run.objects.filter(pk=finished.pk).update(state="completed")
    page = viewer.get("/")
    assert [(shown.pk, progress.samples) for shown, progress in page.context["unfinished"]] == [(run.pk, 6)]
    html = page.content.decode()
    assert "6 of 12 samples" in html
    assert "0:12 left" in html
    assert "To a first comparison" not in html


def test_headlines_come_newest_run_first_and_failures_say_why(viewer):
    first, second = make_run(), make_run()
    for run in (first, second):
        Finding.objects.create(run=run, position=0, key="headline", title="t", sentence=f"Found by {run.pk}.")
        Finding.objects.create(run=run, position=1, key="more", title="t", sentence="Not a headline.")
    second.fail("The file is cut in half.")
    page = viewer.get("/")
    assert [finding.run_id for finding in page.context["headlines"]] == [second.pk, first.pk]
    html = page.content.decode()
    assert "Not a headline." not in html
    assert "The file is cut in half." in html
