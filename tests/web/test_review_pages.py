"""Review pages: made from a run, judged item by item, sent out as files and taken in again; blind where they shall be."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import HumanVerdict, ReviewSet
from experiments.reports.review_export import export_review
from experiments.reports.review_sets import read_rubric
from tests.reports.reviewing import finished_runs, make_review_set, names, say
from tests.reports.spreadsheets import cells_of, filled_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def review_set() -> ReviewSet:
    return make_review_set(shown={"rubric": read_rubric("Clarity: 1-5"), "instructions": "Look at the last number."})


def test_a_set_is_made_from_a_run_with_its_count_shown_first(editor):
    (run,) = finished_runs((1,))
    page = editor.get(f"/reviews/new/?run={run.pk}&how=low_margin")
    assert page.context["form"]["how"].value() == "low_margin"
    fields = {"arm": names(run), "how": "all", "texts_per_attempt": 0, "at_most": 5, "kind": "single", "seed": 3}
    assert "5 to review, drawn at random from 16." in editor.get("/reviews/count/", fields).content.decode()
    counted = editor.post("/reviews/new/", {**fields, "show": "1"})
    assert "5 to review" in counted.content.decode()
    assert not ReviewSet.objects.exists()
    made = editor.post("/reviews/new/", {**fields, "rubric": "Tone", "is_blind": "on"})
    review_set = ReviewSet.objects.get()
    assert made["Location"] == f"/reviews/{review_set.pk}/"
    assert (review_set.items.count(), review_set.is_blind, review_set.name) == (5, True, f"Review of run {run.pk}")
    assert review_set.rubric == [{"key": "tone", "title": "Tone", "low": 1, "high": 5}]


def test_what_cannot_be_made_is_told_on_the_form(editor):
    (run,) = finished_runs((1,))
    fields = {"arm": names(run), "how": "flips", "texts_per_attempt": 1, "kind": "single", "seed": 0}
    assert "Flips are between two conditions" in editor.post("/reviews/new/", fields).content.decode()
    assert "the scale must go up" in editor.post("/reviews/new/", {**fields, "rubric": "x: 5-1"}).content.decode()
    assert "no condition “9.x”" in editor.get("/reviews/new/?arm=9.x").content.decode()
    assert "From which run?" in editor.get("/reviews/new/").content.decode()


def test_every_verdict_is_stored_at_once_and_leads_to_the_next_open_item(editor, review_set):
    assert editor.get(f"/reviews/{review_set.pk}/next/")["Location"] == f"/reviews/{review_set.pk}/items/0/"
    went = editor.post(
        f"/reviews/{review_set.pk}/items/0/", {"verdict": "wrong", "note": "two\r\nlines", "score_clarity": "4", "seconds": "3.5"}
    )
    assert went["Location"] == f"/reviews/{review_set.pk}/items/1/"
    stored = HumanVerdict.objects.get()
    assert (stored.verdict, stored.note, stored.scores) == ("wrong", "two\nlines", {"clarity": 4})
    assert (stored.reviewer, stored.given_by, stored.source, stored.seconds) == ("the editor", editor.user, "page", None)
    page = editor.get(f"/reviews/{review_set.pk}/items/0/").content.decode()
    assert "you said: wrong" in page
    assert re.search(r'value="4"\s+checked', page)
    editor.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "wrong", "note": "two\r\nlines", "score_clarity": "4"})
    assert HumanVerdict.objects.count() == 1


def test_the_last_verdict_leads_back_to_the_set_and_skipped_items_come_again(editor, review_set):
    n = review_set.items.count()
    for position in range(1, n):
        answer = editor.post(f"/reviews/{review_set.pk}/items/{position}/", {"verdict": "correct"})
    assert answer["Location"] == f"/reviews/{review_set.pk}/items/0/"
    answer = editor.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "correct"}, follow=True)
    assert "You have judged all items" in answer.content.decode()


def test_undo_takes_back_the_newest_verdict_and_shows_its_item(editor, review_set):
    address = f"/reviews/{review_set.pk}/undo/"
    editor.post(f"/reviews/{review_set.pk}/items/2/", {"verdict": "correct"})
    editor.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "wrong"})
    assert editor.post(address)["Location"] == f"/reviews/{review_set.pk}/items/0/"
    assert editor.post(address)["Location"] == f"/reviews/{review_set.pk}/items/2/"
    assert "no verdict of yours" in editor.post(address, follow=True).content.decode()
    assert list(HumanVerdict.objects.values_list("verdict", flat=True)) == ["correct", "wrong", "withdrawn", "withdrawn"]
    assert not HumanVerdict.objects.current().exists()


def test_everybody_has_a_pass_of_their_own(editor, administrator, review_set):
    editor.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "wrong"})
    assert administrator.get(f"/reviews/{review_set.pk}/next/")["Location"].endswith("/items/0/")
    administrator.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "correct"})
    assert sorted(HumanVerdict.objects.current().values_list("reviewer", "verdict")) == [
        ("the administrator", "correct"),
        ("the editor", "wrong"),
    ]


@pytest.mark.parametrize("fields", [{}, {"verdict": "left"}, {"verdict": "correct", "score_clarity": "9"}])
def test_a_verdict_that_the_set_does_not_know_is_refused(editor, review_set, fields):
    assert editor.post(f"/reviews/{review_set.pk}/items/0/", fields).status_code == 400
    assert not HumanVerdict.objects.exists()


@pytest.mark.parametrize("is_blind", [True, False])
@pytest.mark.parametrize("is_pairwise", [True, False])
def test_a_blind_item_shows_neither_condition_nor_model_nor_verdict_nor_target(editor, is_blind, is_pairwise):
    runs = finished_runs((1, 1) if is_pairwise else (1,))
    condition = runs[0].conditions.get()
    review_set = make_review_set(runs, shown={"is_blind": is_blind, "shows_target": not is_blind}, is_pairwise=is_pairwise)
    html = editor.get(f"/reviews/{review_set.pk}/items/0/").content.decode().partition("<main")[2]
    hidden = (condition.label, condition.language_model.name, "grader:", "Target:", f"Run {runs[0].pk}")
    assert [word in html for word in hidden] == [not is_blind] * 5
    assert ('value="left"' in html) is is_pairwise


def test_a_set_that_measures_time_stores_the_seconds(editor):
    review_set = make_review_set(shown={"is_timed": True})
    editor.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "correct", "seconds": "12.5"})
    assert HumanVerdict.objects.get().seconds == 12.5


def test_results_wait_for_one_s_own_pass_of_a_blind_set(editor, viewer, review_set):
    say(review_set, "ann", *["correct"] * 8)
    hidden = editor.get(f"/reviews/{review_set.pk}/").content.decode()
    assert "hidden from reviewers" in hidden
    assert f"/reviews/{review_set.pk}/results/" not in hidden
    assert f"/reviews/{review_set.pk}/results/" in editor.get(f"/reviews/{review_set.pk}/?results").content.decode()
    say(review_set, "the editor", *["wrong"] * 8)  # nothing is settled: one against one
    assert f"/reviews/{review_set.pk}/results/" in editor.get(f"/reviews/{review_set.pk}/").content.decode()
    results = viewer.get(f"/reviews/{review_set.pk}/results/").content.decode()
    assert "Krippendorff alpha" in results
    assert "Where people and grader differ" not in results


def sent(browser, review_set, content: bytes, name: str = "ann.csv", **fields) -> str:
    answer = browser.post(f"/reviews/{review_set.pk}/import/", {"file": SimpleUploadedFile(name, content), **fields})
    return answer["Location"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_file_is_downloaded_shown_and_taken_in(editor, review_set, format):
    download = editor.get(f"/reviews/{review_set.pk}/file/?format={format}&reviewer=ann")
    assert download["Content-Disposition"] == f'attachment; filename="assay-review-{review_set.pk}-review-ann.{format}"'
    content = filled_csv(export_review(review_set, "ann", "csv"), lambda row: row.update(verdict="wrong"))
    address = sent(editor, review_set, content)
    page = editor.get(address)
    assert page.context["plan"].counts["new"] == 8
    assert not HumanVerdict.objects.exists()
    plan = page.context["plan"]
    answer = editor.post(address, {"take_in": "1", "fingerprint": plan.fingerprint, "reviewer": ""}, follow=True)
    assert "8 verdicts by ann from “ann.csv” stored." in answer.content.decode()
    assert set(HumanVerdict.objects.values_list("given_by", "source", "file__name")) == {(editor.user.pk, "file", "ann.csv")}
    assert editor.get(address).status_code == 302


def test_conflicts_are_decided_on_the_page(editor, review_set):
    content = filled_csv(export_review(review_set, "the editor", "csv"), lambda row: row.update(verdict="wrong"))
    editor.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "correct"})
    address = sent(editor, review_set, content)
    page = editor.get(address)
    assert "Changed since the file was made" in page.content.decode()
    fields = {"take_in": "1", "fingerprint": page.context["plan"].fingerprint, "conflicts": "take"}
    editor.post(address, fields)
    assert set(HumanVerdict.objects.current().values_list("verdict", flat=True)) == {"wrong"}


def test_a_plan_that_changed_meanwhile_is_shown_again(editor, review_set):
    content = filled_csv(export_review(review_set, "the editor", "csv"), lambda row: row.update(verdict="wrong"))
    address = sent(editor, review_set, content)
    fingerprint = editor.get(address).context["plan"].fingerprint
    editor.post(f"/reviews/{review_set.pk}/items/0/", {"verdict": "correct"})
    answer = editor.post(address, {"take_in": "1", "fingerprint": fingerprint})
    assert "Look at the changes again" in answer.content.decode()
    assert HumanVerdict.objects.count() == 1


def test_a_file_that_cannot_be_taken_in_says_why_and_is_discarded(editor, review_set):
    content = filled_csv(export_review(review_set, "ann", "csv"), lambda row: row.update(verdict="<b>maybe</b>"))
    address = sent(editor, review_set, content)
    page = editor.get(address)
    assert page.status_code == 400
    assert "Row 2, column verdict: “&lt;b&gt;maybe&lt;/b&gt;” is no verdict" in page.content.decode()
    assert editor.post(f"{address.partition('?')[0]}discard/")["Location"] == f"/reviews/{review_set.pk}/"
    assert editor.get(address).status_code == 302


def test_the_reviewer_named_with_the_file_overrules_it(editor, review_set):
    content = filled_csv(export_review(review_set, "ann", "csv"), lambda row: row.update(verdict="wrong"))
    address = sent(editor, review_set, content, reviewer="Zoë")
    assert editor.get(address).context["plan"].reviewer == "Zoë"


def test_an_empty_upload_is_refused(editor, review_set):
    assert sent(editor, review_set, b"") == f"/reviews/{review_set.pk}/"


def test_a_viewer_looks_and_downloads_and_gives_no_verdict(viewer, review_set):
    for address in ("", "results/", "file/?format=csv"):
        assert viewer.get(f"/reviews/{review_set.pk}/{address}").status_code == 200
    for address in ("items/0/", "undo/", "import/"):
        assert viewer.post(f"/reviews/{review_set.pk}/{address}", {"verdict": "correct"}).status_code == 403
    assert viewer.get("/reviews/new/").status_code == 403
    assert "Start reviewing" not in viewer.get(f"/reviews/{review_set.pk}/").content.decode()
    assert not HumanVerdict.objects.exists()


def test_pages_stay_within_fifteen_queries(editor, django_assert_max_num_queries):
    review_set = make_review_set(finished_runs((1, 3), problems=10))
    for name in ("ann", "ben", "cem"):
        say(review_set, name, *["correct", "wrong"] * 10)
    for address in ("", f"{review_set.pk}/", f"{review_set.pk}/items/0/", f"{review_set.pk}/results/"):
        with django_assert_max_num_queries(15):
            assert editor.get(f"/reviews/{address}").status_code == 200
    with django_assert_max_num_queries(15):
        assert len(cells_of(editor.get(f"/reviews/{review_set.pk}/file/?format=csv").content)) == 20


def test_runs_and_comparisons_lead_to_reviews(editor, viewer):
    (run,) = finished_runs((1,))
    assert f'href="/reviews/new/?run={run.pk}"' in editor.get(run.get_absolute_url()).content.decode()
    close = editor.get(f"{run.get_absolute_url()}?filter=low_margin").content.decode()
    assert f"/reviews/new/?run={run.pk}&amp;how=low_margin" in close
    assert "/reviews/new/" not in viewer.get(run.get_absolute_url()).content.decode()
