"""A file becomes a dataset in two steps; whatever is wrong with it is said, and nothing of it is kept."""

import os
import resource
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import Dataset

pytestmark = pytest.mark.django_db
CSV = b"question,answer\n1 + 1 =,2\n2 + 3 =,5\n"


def kept_files() -> list[Path]:
    folder = Path(settings.ASSAY_DATA_DIR) / "uploads"
    return list(folder.iterdir()) if folder.exists() else []


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, settings):
    settings.ASSAY_DATA_DIR = tmp_path


def send(browser, content: bytes, name: str = "sums.csv", **fields):
    return browser.post("/datasets/upload/", {"file": SimpleUploadedFile(name, content), **fields})


def save(browser, address: str, name: str = "sums", **fields):
    return browser.post(address, {"save": "1", "name": name, **fields})


def test_a_file_is_shown_first_and_saved_on_demand(editor):
    sent = send(editor, CSV)
    assert sent.status_code == 302
    page = editor.get(sent.url).content.decode()
    assert "not saved yet" in page
    assert "2 + 3 =" in page
    assert not Dataset.objects.exists()
    saved = save(editor, sent.url)
    dataset = Dataset.objects.get()
    assert saved.url == f"/datasets/{dataset.pk}/"
    assert (dataset.name, dataset.version, dataset.n_problems, dataset.author) == ("sums", 1, 2, editor.user)
    assert [problem.answers for problem in dataset.problems.all()] == [["2"], ["5"]]
    assert kept_files() == []


def test_the_same_name_makes_the_next_version(editor):
    for _ in range(2):
        save(editor, send(editor, CSV).url)
    assert [dataset.version for dataset in Dataset.objects.order_by("pk")] == [1, 2]


def test_json_lines_are_known_by_their_ending(editor):
    save(editor, send(editor, b'{"problem": "1 + 1", "solution": "so 2 #### 2"}\n', "gsm.jsonl").url)
    assert Dataset.objects.get().problems.get().answers == ["2"]


def test_a_column_that_was_not_guessed_is_chosen_on_the_page(editor):
    sent = send(editor, b"foo,bar\n1 + 1 =,2\n")
    assert "No column looks like the question" in editor.get(sent.url).content.decode()
    columns = {"source-csv-shown": "1", "source-csv-question_column": "foo", "source-csv-answer_column": "bar"}
    columns |= {"source-csv-delimiter": "auto", "source-csv-encoding": "utf-8"}
    page = editor.post(sent.url, {**columns, "name": "odd"}).content.decode()
    assert "1 + 1 =" in page
    assert 'value="odd"' in page
    assert not Dataset.objects.exists()
    save(editor, sent.url, **columns)
    assert Dataset.objects.get().source_params["question_column"] == "foo"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"question,answer\n1,2\n3\n", "Line 3 has 1 cells"),
        ("question,answer\ncafé,2\n".encode("latin-1"), "is not UTF-8"),
        (b"question,answer\n1,\n", "Line 2: column “answer” is empty"),
        (b"id,question,answer\nx,1,1\nx,2,2\n", "repeats the id “x” of line 2"),
        (b"question,answer\n", "no rows below it"),
    ],
)
def test_a_file_with_an_error_names_its_place_and_stores_nothing(editor, content, message):
    sent = send(editor, content)
    page = save(editor, sent.url)
    assert page.status_code == 200
    assert message in page.content.decode()
    assert not Dataset.objects.exists()


def test_an_error_far_down_leaves_nothing_half_saved(editor):
    rows = b"".join(b'{"question": "%d", "answer": "1"}\n' % number for number in range(1, 5000))
    page = save(editor, send(editor, rows + b'{"question": "5000"\n', "long.jsonl").url)
    assert "Line 5,000" in page.content.decode()
    assert not Dataset.objects.exists()


def test_an_empty_file_is_refused_at_once(editor):
    assert "The submitted file is empty" in send(editor, b"").content.decode()
    assert kept_files() == []


def test_an_unknown_ending_asks_for_the_format(editor):
    assert "Choose the format" in send(editor, CSV, "sums.xls").content.decode()
    assert send(editor, CSV, "sums.txt", source="csv").status_code == 302


def test_a_dataset_needs_a_name(editor):
    page = save(editor, send(editor, CSV).url, name=" ")
    assert "This field is required" in page.content.decode()
    assert not Dataset.objects.exists()


def test_an_upload_belongs_to_the_session_that_sent_it(editor, administrator):
    address = send(editor, CSV).url
    assert administrator.get(address).url == "/datasets/upload/"
    assert save(administrator, address).url == "/datasets/upload/"
    administrator.post(f"{address}discard/")
    assert editor.get(address).status_code == 200
    assert not Dataset.objects.exists()


def test_discarding_removes_the_file_and_takes_a_post(editor):
    address = send(editor, CSV).url
    assert editor.get(f"{address}discard/").status_code == 405
    assert len(kept_files()) == 1
    editor.post(f"{address}discard/")
    assert kept_files() == []


def test_uploads_that_nobody_saved_are_swept_away_after_a_day(editor):
    send(editor, CSV)
    forgotten = kept_files()[0]
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(forgotten, (two_days_ago, two_days_ago))
    send(editor, CSV)
    assert forgotten not in kept_files()
    assert len(kept_files()) == 1


@pytest.fixture
def _files_of_at_most_100_kb():
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("_files_of_at_most_100_kb")
def test_a_disk_that_does_not_take_the_file_is_reported(editor):
    page = send(editor, CSV * 10_000).content.decode()
    assert "The file could not be kept: File too large." in page
    assert kept_files() == []


def test_a_viewer_sends_nothing(viewer):
    assert send(viewer, CSV).status_code == 403
    assert kept_files() == []
