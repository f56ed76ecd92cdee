"""A run's archive is downloaded from its export page and taken in on the import page."""

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import AuditEntry, Run
from experiments.runner.archives.writing import archive_run
from experiments.web import log_imports
from tests.factories import make_run
from tests.runner.archived import forget_everything, make_small_run

pytestmark = pytest.mark.django_db
PAGE = "/runs/import/"


@pytest.fixture
def archive(tmp_path) -> bytes:
    """Of a run that is not here any more."""
    archive_run(make_small_run(), tmp_path / "run.zip")
    forget_everything()
    return (tmp_path / "run.zip").read_bytes()


def whole(response) -> bytes:
    """What was streamed."""

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(read)()


def send(browser, content: bytes, **fields):
    return browser.post(PAGE, {"file": SimpleUploadedFile("run.zip", content), **fields})


def test_a_viewer_downloads_the_archive_and_the_log_says_so(viewer, tmp_path):
    run = make_small_run()
    assert f'href="/runs/{run.pk}/export/?format=archive"' in viewer.get(f"/runs/{run.pk}/").content.decode()
    assert 'href="?format=archive"' in viewer.get(f"/runs/{run.pk}/export/").content.decode()
    response = viewer.get(f"/runs/{run.pk}/export/?format=archive")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].endswith('.archive.zip"')
    archive_run(run, tmp_path / "run.zip")
    assert whole(response) == (tmp_path / "run.zip").read_bytes()
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.user, entry.run, entry.details) == (viewer.user, run, {"format": "archive"})


def test_a_run_that_is_worked_on_is_refused_on_the_page(viewer):
    run = make_run()
    response = viewer.get(f"/runs/{run.pk}/export/?format=archive")
    assert response.status_code == 400
    assert f"Run {run.pk} is queued. Pause it" in response.content.decode()
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_an_archive_becomes_a_run(editor, archive):
    sent = send(editor, archive)
    run = Run.objects.get()
    assert sent.url == f"/runs/{run.pk}/"
    html = editor.get(sent.url).content.decode()
    assert "4 answers" in html
    assert "was made from the run&#x27;s frozen plan" in html
    assert AuditEntry.objects.get(action="run_imported").user == editor.user


def test_an_archive_is_taken_twice_only_where_that_is_asked_for(editor, archive):
    send(editor, archive)
    assert "is here already: it is run" in send(editor, archive).content.decode()
    assert Run.objects.count() == 1
    assert send(editor, archive, again="on").status_code == 302
    assert Run.objects.count() == 2


def test_a_damaged_archive_is_answered_with_a_sentence(editor, archive):
    damaged = archive.replace(b"samples.jsonl", b"another.jsonl")
    assert "which is no part of one" in send(editor, damaged).content.decode()
    assert not Run.objects.exists()


def test_a_file_that_is_too_large_is_left_to_the_command(editor, archive, monkeypatch):
    monkeypatch.setattr(log_imports, "LARGEST_LOG", 100)
    assert "manage.py restore_run" in send(editor, archive).content.decode()


def test_viewers_import_nothing(viewer, archive):
    assert send(viewer, archive).status_code == 403
    assert not Run.objects.exists()
