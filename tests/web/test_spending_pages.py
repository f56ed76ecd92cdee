"""Money on the pages and in the API: what a run cost, caps, and the ledger to take away."""

import csv
import io

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from experiments.models import Call, LanguageModel, Run, Spending
from experiments.models.calls import day_of
from experiments.reports.manifest import manifest
from tests.api.clients import client_of
from tests.factories import make_experiment, make_run, make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(editor) -> Run:
    """A run with one paid call of 0.25, whose model lies on an endpoint."""
    run = make_run(user=editor.user)
    params = {"base_url": "https://gpu.example/v1", "model": "m"}
    LanguageModel.objects.filter(experiments=run.experiment).update(backend="openai_api", params=params)
    Call.objects.create(
        key="c1",
        run=run,
        attempt=run.attempts.first(),
        language_model="paid",
        request_hash="0" * 32,
        occurrence=0,
        try_number=1,
        state="answered",
        sent_at=timezone.now(),
        cost=0.25,
    )
    Spending.objects.book(run.pk, day_of(timezone.now()), 0.25, 0.0)
    Run.objects.filter(pk=run.pk).update(n_calls=1, cost=0.25)
    return run


def rows_of(response) -> list[dict]:
    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return list(csv.DictReader(io.StringIO(async_to_sync(read)().decode())))


def test_the_strip_shows_cost_calls_and_cap(viewer, run):
    run.cap_spending(2.5)
    page = viewer.get(run.get_absolute_url()).content.decode()
    assert "<dt>cost</dt><dd>0.2500</dd>" in page
    assert "1 calls" in page
    assert "cap 2.50" in page


def test_broken_calls_and_estimated_usage_are_counted_on_the_pages_and_in_the_manifest(viewer, run):
    attempt = run.attempts.first()
    for index in range(4):
        make_sample(attempt, index, usage_is_estimated=index < 3)
    Call.objects.create(
        **{"key": "c2", "run": run, "attempt": attempt, "language_model": "paid", "request_hash": "0" * 32, "occurrence": 1},
        **{"try_number": 1, "state": "failed", "sent_at": timezone.now(), "is_cut": True},
    )
    counts = {"n_usage_estimated": 3, "n_samples": 640, "n_calls": 2, "n_calls_failed": 1, "n_calls_cut": 1}
    Run.objects.filter(pk=run.pk).update(**counts)
    page = viewer.get(run.get_absolute_url()).content.decode()
    assert "! 3 of 640 samples have estimated usage. ! 1 of 2 calls failed, 1 of them in mid-text" in page
    page = viewer.get(attempt.get_absolute_url()).content.decode()
    assert "! 3 of 4 samples have estimated usage. ! 1 of 2 calls failed, 1 of them in mid-text" in page
    assert page.count("! estimated") == 3
    run.refresh_from_db()
    assert manifest(run)["counts"].items() >= counts.items()
    progress = client_of(viewer.user).get(f"/api/runs/{run.pk}/progress/").data
    assert (progress["usage_estimated"], progress["calls_failed"], progress["calls_cut"]) == (3, 1, 1)


def test_a_run_that_costs_nothing_says_nothing_of_money(viewer):
    page = viewer.get(make_run().get_absolute_url()).content.decode()
    assert "<dt>cost</dt>" not in page
    assert "Spending" not in page


def test_an_editor_sets_and_lifts_a_runs_cap(editor, run):
    editor.post(f"/runs/{run.pk}/cap/", {"spending_cap": "1.5"})
    run.refresh_from_db()
    assert run.spending_cap == 1.5
    editor.post(f"/runs/{run.pk}/cap/", {"spending_cap": ""})
    run.refresh_from_db()
    assert run.spending_cap is None


@pytest.mark.parametrize("amount", ["-1", "nan", "inf", "much"])
def test_an_amount_that_caps_nothing_is_refused_on_the_page_and_by_the_api(editor, run, amount):
    run.cap_spending(3.0)
    page = editor.post(f"/runs/{run.pk}/cap/", {"spending_cap": amount}, follow=True)
    assert "was left as it is" in page.content.decode()
    client = client_of(editor.user)
    assert client.post(f"/api/runs/{run.pk}/cap/", {"spending_cap": amount}).status_code == 400
    assert client.patch(f"/api/experiments/{run.experiment_id}/", {"spending_cap": amount}).status_code == 400
    run.refresh_from_db()
    assert run.spending_cap == 3.0


def test_a_viewer_caps_nothing_but_may_take_the_ledger(viewer, run):
    assert viewer.post(f"/runs/{run.pk}/cap/", {"spending_cap": "1"}).status_code == 403
    assert client_of(viewer.user).post(f"/api/runs/{run.pk}/cap/", {"spending_cap": 1}).status_code == 403
    [row] = rows_of(viewer.get(f"/runs/{run.pk}/ledger/"))
    assert (row["call"], row["cost"], row["language_model"]) == ("c1", "0.25", "paid")


def test_the_api_hands_out_the_ledger_and_sets_the_cap(editor, run):
    client = client_of(editor.user)
    assert [row["call"] for row in rows_of(client.get(f"/api/runs/{run.pk}/ledger/"))] == ["c1"]
    assert client.post(f"/api/runs/{run.pk}/cap/", {"spending_cap": 4}).data["spending_cap"] == 4.0
    assert client.get(f"/api/runs/{run.pk}/ledger/?format=xml").status_code in (400, 404)


def test_only_administrators_read_the_labs_ledger(editor, administrator, run):
    for address in ("/runs/ledger/", "/runs/ledger/download/"):
        assert editor.get(address).status_code == 403
    page = administrator.get("/runs/ledger/").content.decode()
    assert run.get_absolute_url() in page
    assert "0.2500" in page
    assert [row["run"] for row in rows_of(administrator.get("/runs/ledger/download/"))] == [str(run.pk)]


def test_the_api_hands_administrators_the_labs_ledger_spending_and_peoples_caps(administrator, editor, run):
    client = client_of(administrator.user)
    [row] = client.get("/api/spending/").data["results"]
    assert (row["run"], row["started_by"], row["cost"]) == (run.pk, editor.user.username, 0.25)
    assert [each["call"] for each in rows_of(client.get("/api/ledger/"))] == ["c1"]
    assert client.get("/api/ledger/?format=jsonl")["Content-Type"].startswith("application/jsonl")
    address = f"/api/people/{editor.user.pk}/"
    assert client.patch(address, {"daily_spending_cap": 7.5, "role": "administrator"}).data["daily_spending_cap"] == 7.5
    editor.user.refresh_from_db()
    assert (editor.user.daily_spending_cap, editor.user.role) == (7.5, "editor")
    assert client.patch(address, {"daily_spending_cap": -1}).status_code == 400
    assert client.patch(address, {"daily_spending_cap": None}).data["daily_spending_cap"] is None
    assert {each["username"] for each in client.get("/api/people/").data["results"]} >= {editor.user.username}
    for refused in ("/api/spending/", "/api/ledger/", "/api/people/", address):
        assert client_of(editor.user).get(refused).status_code == 403


def test_a_persons_daily_cap_is_set_by_administrators_and_shown_to_them(administrator, editor, run):
    role = {"role": "editor", "is_active": "on", "daily_spending_cap": "7.5"}
    administrator.post(f"/people/{editor.user.pk}/", role)
    editor.user.refresh_from_db()
    assert editor.user.daily_spending_cap == 7.5
    assert 'value="7.5"' in administrator.get("/people/").content.decode()
    page = editor.get("/account/").content.decode()
    assert "<strong>0.2500</strong> today" in page
    assert "<strong>7.50</strong> a day" in page
    administrator.post(f"/people/{editor.user.pk}/", {**role, "daily_spending_cap": "-1"})
    editor.user.refresh_from_db()
    assert editor.user.daily_spending_cap == 7.5


def test_reuse_of_answers_is_chosen_in_the_form_and_the_api_and_shown(editor):
    experiment = make_experiment()
    client_of(editor.user).patch(f"/api/experiments/{experiment.pk}/", {"reuses_answers": True})
    assert editor.get(f"/experiments/{experiment.pk}/edit/").context["editor"].form["reuses_answers"].value() is True
    assert "<dt>Reuse</dt>" in editor.get(experiment.get_absolute_url()).content.decode()
    run = make_run(experiment)
    Run.objects.filter(pk=run.pk).update(n_reused=7)
    assert "7 samples reused" in editor.get(run.get_absolute_url()).content.decode()


def test_an_experiments_cap_is_edited_and_reaches_its_runs(editor):
    experiment = make_experiment()
    answer = client_of(editor.user).patch(f"/api/experiments/{experiment.pk}/", {"spending_cap": 12})
    assert answer.data["spending_cap"] == 12.0
    form = editor.get(f"/experiments/{experiment.pk}/edit/").context["editor"].form
    assert form["spending_cap"].value() == 12.0
    editor.post(f"/experiments/{experiment.pk}/start/")
    assert experiment.runs.get().spending_cap == 12.0
