"""From a question on the first page to a run: the cards, the page that tells what will be asked, and the start."""

from datetime import timedelta

import pytest

from experiments.models import Experiment, Run
from experiments.runner.presets import names
from experiments.web.starting import STARTS
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def begin(experiment) -> str:
    return f"/experiments/{experiment.pk}/begin/"


def test_every_question_on_the_first_page_has_its_preset(editor, viewer):
    assert {start.preset for start in STARTS} <= set(names())
    assert len({start.question for start in STARTS}) == len(STARTS)
    page = editor.get("/").content.decode()
    for start in STARTS:
        assert f'action="/start/{start.preset}/"' in page
        assert start.question in page
    assert "What would you like to know?" not in viewer.get("/").content.decode()


def test_a_question_makes_its_experiment_once_and_shows_what_would_run(editor):
    for _ in range(2):
        answer = editor.post("/start/brevity/", follow=True)
    experiment = Experiment.objects.get()
    assert answer.redirect_chain[-1][0] == begin(experiment)
    assert (answer.context["size"].n_problems, answer.context["size"].n_samples) == (60, 60 * 4 * 4)
    assert answer.context["conditions"] == ["control", "placebo", "at most 10 words", "direct answer"]
    page = answer.content.decode()
    assert "Does asking for brevity cost accuracy?" in page
    assert experiment.dataset.problems.first().question in page
    assert not Run.objects.exists()


def test_an_unknown_question_is_not_found(editor):
    assert editor.post("/start/nothing/").status_code == 404


def test_asking_for_the_page_makes_nothing(editor, viewer):
    assert editor.get("/start/brevity/").status_code == 405
    assert viewer.post("/start/brevity/").status_code == 403
    assert not Experiment.objects.exists()


def test_before_any_run_the_tokens_are_the_most_there_can_be_and_the_time_is_open(editor):
    experiment = make_experiment(n=4, problems=3, decoding={"max_tokens": 10})
    expected = editor.get(begin(experiment)).context["expectation"]
    assert (expected.tokens, expected.is_most, expected.time) == (4 * 3 * 10, True, None)


def test_the_time_goes_by_the_speed_of_the_newest_runs_of_the_model(editor):
    experiment = make_experiment(n=4, problems=3, decoding={"max_tokens": 10})
    other = make_experiment(language_models=list(experiment.language_models.all()))
    for tokens, seconds in ((300, 20), (100, 20), (0, 50)):
        run = make_run(other)
        Run.objects.filter(pk=run.pk).update(completion_tokens=tokens, busy_seconds=seconds, n_samples=tokens // 10)
    page = editor.get(begin(experiment))
    # 400 tokens in 40 s; the run that has not written anything does not count.
    assert page.context["expectation"].time == timedelta(seconds=120 / 10)
    assert "0:12" in page.content.decode()


def test_once_the_experiment_was_run_its_texts_tell_how_long_they_are(editor):
    experiment = make_experiment(n=4, problems=3, decoding={"max_tokens": 10})
    run = make_run(experiment)
    Run.objects.filter(pk=run.pk).update(completion_tokens=12, busy_seconds=3, n_samples=2)
    expected = editor.get(begin(experiment)).context["expectation"]
    assert (expected.tokens, expected.is_most, expected.time) == (12 * 6, False, timedelta(seconds=12 * 6 / 4))


def test_another_number_of_problems_is_reckoned_with_and_kept_only_by_a_start(editor):
    experiment = make_experiment(n=4, problems=5)
    page = editor.get(begin(experiment), {"problems": 2})
    assert page.context["size"].n_samples == 2 * 4
    experiment.refresh_from_db()
    assert experiment.max_problems is None
    started = editor.post(begin(experiment), {"problems": 2})
    run = Run.objects.get()
    assert started.url == run.get_absolute_url()
    assert run.n_samples_planned == 2 * 4
    experiment.refresh_from_db()
    assert experiment.max_problems == 2


def test_starting_with_all_problems_leaves_the_plan_as_it_was(editor):
    experiment = make_experiment(n=4, problems=5)
    editor.post(begin(experiment), {"problems": 5})
    experiment.refresh_from_db()
    assert (experiment.max_problems, Run.objects.get().n_samples_planned) == (None, 5 * 4)


@pytest.mark.parametrize("problems", ["0", "-1", "many", ""])
def test_a_number_of_problems_that_is_none_starts_nothing(editor, problems):
    experiment = make_experiment()
    page = editor.post(begin(experiment), {"problems": problems})
    assert page.status_code == 200
    assert page.context["form"].errors["problems"]
    assert not Run.objects.exists()


def test_a_plan_that_cannot_run_says_why(editor):
    experiment = make_experiment(study="brevity", study_params={"n": 4}, decoding={"temperature": 0})
    assert "would be one text" in editor.get(begin(experiment)).content.decode()
    answer = editor.post(begin(experiment), {"problems": 2})
    assert "Not started." in answer.content.decode()
    assert not Run.objects.exists()


def test_who_may_only_look_starts_nothing(viewer):
    experiment = make_experiment()
    assert viewer.post(begin(experiment), {"problems": 2}).status_code == 403
    assert not Run.objects.exists()
