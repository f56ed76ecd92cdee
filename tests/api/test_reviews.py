"""Review sets through the API: chosen, judged, sent out and taken in, and what came out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import HumanVerdict, ReviewSet
from tests.api.clients import client_as, client_of
from tests.factories import make_user
from tests.reports.reviewing import finished_runs, make_review_set, names, say
from tests.reports.spreadsheets import filled_csv

pytestmark = pytest.mark.django_db


def test_a_set_is_chosen_and_its_items_are_read_without_their_conditions():
    (run,) = finished_runs((1,))
    client = client_as("editor")
    rubric = [{"key": "tone", "title": "Tone", "low": 1, "high": 5}]
    made = client.post("/api/review_sets/", {"name": "mine", "conditions": names(run), "at_most": 3, "rubric": rubric})
    assert (made.status_code, made.json()["n_items"], made.json()["choice"]["n_found"]) == (201, 3, 4)
    items = client.get(f"/api/review_sets/{made.json()['id']}/items/").json()["results"]
    assert [item["position"] for item in items] == [0, 1, 2]
    assert set(items[0]) == {"id", "position", "problem", "question", "text", "other_text"}
    assert (items[0]["text"], items[0]["other_text"]) == ("The answer is 3.", None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"conditions": ["1.x"]}, "There is no condition “1.x”"),
        ({"how": "mood"}, "how"),
        ({"rubric": [{"key": "a", "title": "A", "low": 3, "high": 2}]}, "must go up"),
        ({"rubric": [{"key": "a", "title": "A", "low": 1, "high": 2}] * 2}, "key of its own"),
        ({"conditions": []}, "conditions"),
    ],
)
def test_what_cannot_be_chosen_is_refused(body, words):
    (run,) = finished_runs((1,), problems=1)
    answer = client_as("editor").post("/api/review_sets/", {"name": "x", "conditions": names(run), **body})
    assert answer.status_code == 400
    assert words in str(answer.json())
    assert not ReviewSet.objects.exists()


def test_verdicts_are_given_and_all_that_was_said_is_kept():
    review_set, user = make_review_set(finished_runs((4,))), make_user(name="ann")
    client, item = client_of(user), review_set.items.first()
    address = f"/api/review_sets/{review_set.pk}/verdicts/"
    for verdict in ("correct", "wrong"):
        answer = client.post(address, {"item": item.pk, "verdict": verdict, "note": "why"})
        assert (answer.status_code, answer.json()["verdict"], answer.json()["reviewer"]) == (201, verdict, "ann")
    told = client.get(address).json()["results"]
    assert [(each["verdict"], each["counts"], each["source"]) for each in told] == [
        ("correct", False, "api"),
        ("wrong", True, "api"),
    ]
    for body in ({"item": 0, "verdict": "wrong"}, {"item": item.pk, "verdict": "left"}, {"verdict": "wrong"}):
        assert client.post(address, body).status_code == 400
    assert HumanVerdict.objects.count() == 2


def test_a_file_goes_out_and_comes_back():
    review_set, client = make_review_set(finished_runs((4,))), client_as("editor")
    address = f"/api/review_sets/{review_set.pk}/"
    sent = client.get(f"{address}file/?format=csv&reviewer=ben")
    content = filled_csv(sent.content, lambda row: row.update(verdict="correct"))

    def post(**fields):
        file = SimpleUploadedFile("ben.csv", content)
        return client.post(f"{address}import/", {"file": file, **fields}, format="multipart")

    dry = post(dry_run=True)
    assert (dry.json()["new"], dry.json()["reviewer"], HumanVerdict.objects.count()) == (4, "ben", 0)
    assert post().json()["new"] == 4
    assert post().json()["unchanged"] == 4
    assert HumanVerdict.objects.filter(reviewer="ben", file__name="ben.csv").count() == 4
    bad = client.post(f"{address}import/", {"file": SimpleUploadedFile("x.csv", b"a,b\r\n1,2\r\n")}, format="multipart")
    assert (bad.status_code, "no column “item”" in bad.json()["error"]["message"]) == (400, True)


def test_results_tell_agreement_and_scores_with_their_intervals():
    review_set = make_review_set(finished_runs((4, 0)))
    for name in ("ann", "ben"):
        say(review_set, name, *["correct", "wrong"] * 4)
    told = client_as("viewer").get(f"/api/review_sets/{review_set.pk}/results/").json()
    assert told["caution"] == ""
    assert told["agreement"]["among_reviewers"][0]["cohen_kappa"]["value"] == 1.0
    assert told["agreement"]["together"]["Krippendorff alpha"]["n"] == 8
    assert [each["n_texts"] for each in told["scores"]["conditions"]] == [4, 4]
    assert told["scores"]["conditions"][0]["by_grader"] == pytest.approx(
        {"value": 1.0, "low": 0.5101, "high": 1.0, "n": 4, "method": "Wilson"}, abs=1e-4
    )


def test_a_viewer_reads_and_says_nothing():
    review_set, client = make_review_set(finished_runs((4,))), client_as("viewer")
    address = f"/api/review_sets/{review_set.pk}/"
    for part in ("", "items/", "verdicts/", "results/", "file/?format=csv"):
        assert client.get(address + part).status_code == 200
    assert client.post(f"{address}verdicts/", {"item": review_set.items.first().pk, "verdict": "wrong"}).status_code == 403
    assert client.post("/api/review_sets/", {}).status_code == 403
    assert client.post(f"{address}import/", {}, format="multipart").status_code == 403
