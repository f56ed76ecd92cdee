"""The verifiers of a run on its page: their state, another one chosen without scripts, and the choices that change."""

import pytest

from experiments.models import Run, Scoring, VerifierScore
from tests.factories import make_language_model, make_run, make_sample

pytestmark = pytest.mark.django_db

LENGTH = {"verifier": "length", "verifier-length-shown": "1", "verifier-length-prefer": "longer", "verifier-length-unit": "words"}


@pytest.fixture
def run() -> Run:
    run = make_run(n=2, problems=2)
    for attempt in run.attempts.all():
        make_sample(attempt, 0, "The answer is 3.", "correct", mean_logprob=-1)
        make_sample(attempt, 1, "So the answer is 4.", "wrong", mean_logprob=-2)
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED)
    run.refresh_from_db()
    return run


def test_the_runs_page_fetches_the_card_and_links_to_it(viewer, run):
    page = viewer.get(run.get_absolute_url()).content.decode()
    assert f'hx-get="/runs/{run.pk}/verifiers/"' in page
    card = viewer.get(f"/runs/{run.pk}/verifiers/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in card
    assert "Mean logprob" in card
    assert "Score the same answers" not in card, "a viewer changes nothing"


def test_a_verifier_is_chosen_with_its_options_and_queued(editor, run):
    page = editor.get(f"/runs/{run.pk}/verifiers/?verifier=length").content.decode()
    assert 'name="verifier-length-prefer"' in page
    shown = editor.post(f"/runs/{run.pk}/verifiers/score/", {"verifier": "llm_judge", "show": ""}).content.decode()
    assert 'name="verifier-llm_judge-rubric"' in shown
    assert not Scoring.objects.exists()
    editor.post(f"/runs/{run.pk}/verifiers/score/", LENGTH)
    scoring = Scoring.objects.get()
    assert (scoring.run, scoring.state, scoring.started_by) == (run, Scoring.State.QUEUED, editor.user)
    assert scoring.config["verifiers"][0]["params"] == {"prefer": "longer", "unit": "words"}
    page = editor.get(f"/runs/{run.pk}/verifiers/").content.decode()
    assert "queued" in page
    assert 'hx-trigger="every 2s"' in page


def test_a_scoring_is_cancelled_and_goes_on(editor, run):
    editor.post(f"/runs/{run.pk}/verifiers/score/", LENGTH)
    scoring = Scoring.objects.get()
    for verb, state in [("cancel", "cancelled"), ("cancel", "cancelled"), ("go-on", "queued"), ("go-on", "queued")]:
        editor.post(f"/runs/{run.pk}/verifiers/{scoring.pk}/{verb}/")
        scoring.refresh_from_db()
        assert scoring.state == state


def test_what_cannot_be_scored_says_why(editor, run):
    asked = {"verifier": "p_true", "verifier-p_true-shown": "1"}
    page = editor.post(f"/runs/{run.pk}/verifiers/score/", asked, follow=True).content.decode()
    assert "Not scored. “P(True)” needs the likelihood of given texts of the language model it asks" in page
    wrong = {"verifier": "llm_judge", "verifier-llm_judge-shown": "1", "verifier-llm_judge-draws": "0"}
    assert "greater than or equal to 1" in editor.post(f"/runs/{run.pk}/verifiers/score/", wrong).content.decode()
    assert not Scoring.objects.exists()


def test_a_viewer_scores_nothing(viewer, run):
    assert viewer.post(f"/runs/{run.pk}/verifiers/score/", LENGTH).status_code == 403
    assert not Scoring.objects.exists()


def test_choices_that_change_are_listed_with_links_to_both_texts(viewer, editor, run):
    editor.post(f"/runs/{run.pk}/verifiers/score/", LENGTH)
    key = Scoring.objects.get().key
    for attempt in run.attempts.all():
        for sample in attempt.samples.all():
            VerifierScore.objects.create(sample=sample, verifier=key, score=len(sample.text.split()))
    page = viewer.get(f"/runs/{run.pk}/verifiers/{key}/").content.decode()
    assert "2 of 2 choices changed: 0 from wrong to right, 2 from right to wrong." in page
    first = run.attempts.first().get_absolute_url()
    assert f'href="{first}#sample-0"' in page
    assert f'href="{first}?after=0#sample-1"' in page
    assert page.count("right to wrong") > 2
    same = viewer.get(f"/runs/{run.pk}/verifiers/{key}/?against={key}").content.decode()
    assert "Both choose the same samples" in same
    assert viewer.get(f"/runs/{run.pk}/verifiers/gut/").status_code == 404


def test_a_model_is_offered_in_the_options(editor, run):
    make_language_model("the judge")
    page = editor.get("/runs/verifier-options/?verifier=llm_judge").content.decode()
    assert '<option value="the judge">the judge</option>' in page
