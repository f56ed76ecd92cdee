"""A run as one file through the API, and back."""

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import Run
from tests.api.clients import client_as
from tests.factories import make_run
from tests.runner.archived import forget_everything, make_small_run

pytestmark = pytest.mark.django_db


def whole(response) -> bytes:
    """What was streamed."""

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(read)()


def send(client, content: bytes, **fields):
    return client.post("/api/runs/restore/", {"file": SimpleUploadedFile("run.zip", content), **fields}, format="multipart")


def test_an_archive_goes_out_and_comes_back():
    editor = client_as("editor")
    run = make_small_run()
    response = editor.get(f"/api/runs/{run.pk}/archive/")
    assert response["Content-Type"] == "application/zip"
    content = whole(response)
    forget_everything()
    restored = send(editor, content)
    assert restored.status_code == 201, restored.content
    assert restored.json()["run"] == Run.objects.get().pk
    assert restored.json()["state"] == "completed"
    assert any("frozen plan" in note for note in restored.json()["notes"])
    again = send(editor, content)
    assert (again.status_code, "is here already" in again.content.decode()) == (400, True)
    assert send(editor, content, again=True).status_code == 201


def test_what_cannot_be_done_is_said():
    editor = client_as("editor")
    run = make_run()
    assert "Pause it" in editor.get(f"/api/runs/{run.pk}/archive/").content.decode()
    assert send(editor, b"no zip").status_code == 400
    assert editor.post("/api/runs/restore/", {}, format="multipart").status_code == 400


def test_viewers_take_runs_out_and_bring_none_in():
    viewer = client_as("viewer")
    run = make_small_run()
    response = viewer.get(f"/api/runs/{run.pk}/archive/")
    content = whole(response)
    assert response.status_code == 200
    assert send(viewer, content, again=True).status_code == 403
