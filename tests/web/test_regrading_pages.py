"""The page of a run's graders."""

import pytest

from experiments.models import Attempt, Grade, Regrading, Run
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    made = make_run()
    for attempt in made.attempts.all():
        make_sample(attempt, 0, "The answer is 3.", "correct")
    made.attempts.update(state=Attempt.State.DONE)
    Run.objects.filter(pk=made.pk).update(state=Run.State.COMPLETED)
    made.refresh_from_db()
    return made


def test_another_grader_is_chosen_and_queued(editor, run):
    page = editor.get(f"/runs/{run.pk}/graders/")
    assert "Mark the same answers by another grader" in page.content.decode()
    form = page.context["options"]
    assert form.options.name == run.config["grader"]["name"]
    posted = editor.post(f"/runs/{run.pk}/graders/mark/", {"grader": "exact", "grader-exact-shown": "1"}, follow=True)
    assert "in the background" in posted.content.decode()
    assert Regrading.objects.get().state == "queued"


def test_flips_are_listed_with_both_readings(viewer, run):
    regrading = Regrading.objects.create(run=run, key="exact.v1", grader="exact", state="completed")
    for grade in Grade.objects.filter(run=run):
        Grade.objects.create(
            run=run,
            sample_id=grade.sample_id,
            grader=regrading.key,
            verdict="wrong",
            extracted="three",
            explanation="Not the same.",
        )
    html = viewer.get(f"/runs/{run.pk}/graders/").content.decode()
    assert "0 turn from wrong to right and 3 from right to wrong: 100.0% flip" in html
    assert html.count("✕ to wrong") == 3
    assert "Not the same." in html
    assert "−1.00 [−1.00, −1.00]: too few problems to tell" in html


def test_viewers_may_look_and_not_mark(viewer, run):
    assert "Mark the same answers" not in viewer.get(f"/runs/{run.pk}/graders/").content.decode()
    assert viewer.post(f"/runs/{run.pk}/graders/mark/", {"grader": "exact"}).status_code == 403


def test_markings_are_cancelled_and_go_on(editor, run):
    regrading = Regrading.objects.create(run=run, key="exact.v1", grader="exact")
    editor.post(f"/runs/{run.pk}/graders/{regrading.pk}/cancel/")
    regrading.refresh_from_db()
    assert regrading.state == "cancelled"
    editor.post(f"/runs/{run.pk}/graders/{regrading.pk}/go-on/")
    regrading.refresh_from_db()
    assert regrading.state == "queued"
