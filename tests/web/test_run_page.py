"""A run's page: what it shows, to whom, and what it costs at 100,000 samples."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from experiments.models import Finding, Grade, Run, Sample, User, Worker, WorkerDraft
from experiments.reports.changes import head
from tests.factories import make_run, make_sample, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run(n=4, problems=3)


@pytest.fixture
def editor(client) -> Client:
    client.force_login(make_user())
    return client


@pytest.fixture
def viewer(client) -> Client:
    client.force_login(make_user(role=User.Role.VIEWER))
    return client


def page_of(client: Client, run: Run, query: str = "") -> str:
    response = client.get(f"/runs/{run.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_strangers_are_sent_to_the_login(client, run):
    assert client.get(f"/runs/{run.pk}/").headers["Location"].startswith("/login/")


def test_an_unknown_run_is_not_found(editor):
    assert editor.get("/runs/987654/").status_code == 404


def test_the_page_carries_the_cursor_it_was_made_from(editor, run):
    make_sample(run.attempts.first())
    assert f'data-cursor="{head(run.pk)}"' in page_of(editor, run)


def test_texts_are_cards_with_a_word_or_a_sign_for_their_verdict(editor, run):
    first, second, _ = run.attempts.all()
    make_sample(first, 0, text="It is <i>3</i>.", canonical="3")
    make_sample(first, 1, text="Maybe", verdict="truncated", finish_reason="length")
    WorkerDraft.objects.create(run=run, texts=[{"attempt": second.pk, "problem": "p1", "index": 0, "text": "Let me"}])
    page = page_of(editor, run)
    assert "It is &lt;i&gt;3&lt;/i&gt;." in page
    assert "✓ 3" in page
    assert "✂ cut off" in page
    assert re.search(r'class="sample writing">.*?Let me', page, re.DOTALL)
    assert page.count('<li id="card-') == 24


def test_findings_are_shown_as_sentence_figure_and_table(editor, run):
    series = {"name": "oracle <b>", "x": [1, 4], "y": [0.5, 0.75], "low": [0.25, 0.5], "high": [0.75, 1.0], "n": 3}
    figure = {"title": "Accuracy", "x_title": "k", "y_title": "share", "x_log": True, "y_range": [0, 1]}
    figure["series"] = [{**series, "dashed": False, "markers": True}]
    Finding.objects.create(run=run, position=0, key="headline", title="Best of N", sentence="Four beat one.")
    Finding.objects.create(run=run, position=1, key="curves", title="Accuracy", sentence="Curves.", figure=figure)
    page = page_of(editor, run)
    assert "<b>So far:</b> Four beat one." in page
    assert 'data-figure="curves"' in page
    assert "0.750 [0.500, 1.000]" in page
    assert "oracle &lt;b&gt; (n = 3)" in page
    assert "<b> (n" not in page


def test_a_queued_run_without_a_worker_says_how_to_start_one(editor, run):
    assert "manage.py worker" in page_of(editor, run)
    worker = Worker.objects.create(host="here", pid=1, process_started=0.0)
    assert "manage.py worker" not in page_of(editor, run)
    Worker.objects.filter(pk=worker.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert "manage.py worker" in page_of(editor, run)


def test_a_paused_and_a_failed_run_say_why(editor, run):
    run.pause("No space left on the disk.")
    assert "No space left on the disk." in page_of(editor, run)
    run.fail("The model file is cut in half.")
    assert "The model file is cut in half." in page_of(editor, run)


def test_a_failed_attempt_shows_its_error(editor, run):
    run.attempts.filter(position=1).update(state="failed", error="The engine died three times.")
    assert "The engine died three times." in page_of(editor, run)


def test_what_the_run_froze_can_be_read(editor, run):
    page = page_of(editor, run)
    assert "What is {{ question }}" in page
    assert run.config["dataset"]["content_hash"][:12] in page


@pytest.mark.parametrize(("verb", "before", "after"), [("pause", "queued", "paused"), ("cancel", "queued", "cancelled")])
def test_an_editor_moves_the_run(editor, run, verb, before, after):
    assert run.state == before
    assert editor.post(f"/runs/{run.pk}/{verb}/").headers["Location"] == f"/runs/{run.pk}/"
    run.refresh_from_db()
    assert run.state == after


def test_an_editor_resumes_a_paused_run(editor, run):
    run.pause()
    editor.post(f"/runs/{run.pk}/resume/")
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_verb_that_no_longer_fits_says_so_and_changes_nothing(editor, run):
    run.cancel()
    answer = editor.post(f"/runs/{run.pk}/pause/", follow=True).content.decode()
    assert f"Run {run.pk} cannot be paused: it is cancelled." in answer


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_verbs_are_not_for_viewers_nor_for_get(viewer, run, verb):
    assert viewer.post(f"/runs/{run.pk}/{verb}/").status_code == 403
    assert viewer.get(f"/runs/{run.pk}/{verb}/").status_code == 405
    run.refresh_from_db()
    assert run.state == "queued"


def test_viewers_see_no_buttons_that_change_things(viewer, run):
    page = page_of(viewer, run)
    assert "Cancel run" not in page
    assert "Export CSV" in page


def test_problems_come_in_pages_that_join_up(editor):
    run = make_run(n=1, problems=120)
    page = page_of(editor, run)
    rows = re.findall(r'<tr id="attempt-(\d+)"', page)
    while more := re.search(r'hx-get="([^"]+/rows/[^"]+)"', page):
        page = editor.get(more[1].replace("&amp;", "&")).content.decode()
        rows += re.findall(r'<tr id="attempt-(\d+)"', page)
    assert rows == [str(pk) for pk in run.attempts.order_by("position").values_list("pk", flat=True)]


def test_filters_narrow_the_problems_and_nonsense_shows_all(editor, run):
    run.attempts.filter(position=2).update(n_answers=3, state="done")
    assert page_of(editor, run, "?filter=disagree").count('<tr id="attempt-') == 1
    assert page_of(editor, run, "?filter=nonsense&after=soup").count('<tr id="attempt-') == 3


def test_the_list_of_runs_pages_by_number(editor):
    first = make_run()
    runs = [first, *(make_run(experiment=first.experiment) for _ in range(50))]
    newest = editor.get("/runs/").content.decode()
    assert f">Run {runs[-1].pk}</a>" in newest
    assert f">Run {first.pk}</a>" not in newest
    older = editor.get("/runs/" + re.search(r'rel="next" href="([^"]+)"', newest)[1]).content.decode()
    assert f">Run {first.pk}</a>" in older


def test_the_list_costs_the_same_for_many_runs(editor, django_assert_max_num_queries):
    experiment = make_run().experiment
    for _ in range(20):
        make_run(experiment=experiment)
    with django_assert_max_num_queries(11):
        editor.get("/runs/")


def test_the_page_of_a_large_run_takes_few_queries(editor, django_assert_max_num_queries):
    """As many as for a small run: none of them looks at more rows than the page shows."""
    run = make_run(n=16, problems=100)
    template = make_sample(run.attempts.first(), 0)
    fields = {field.attname: getattr(template, field.attname) for field in Sample._meta.concrete_fields if field.attname != "id"}
    samples = [
        Sample(**{**fields, "attempt_id": attempt, "index": index, "occurrence": index})
        for attempt in run.attempts.exclude(pk=template.attempt_id).values_list("pk", flat=True)
        for index in range(16)
    ]
    stored = Sample.objects.bulk_create(samples)
    grader = run.config["grader"]["key"]
    Grade.objects.bulk_create(Grade(run=run, sample=sample, grader=grader, verdict="wrong", score=0.0) for sample in stored)
    with django_assert_max_num_queries(15):
        page_of(editor, run)
