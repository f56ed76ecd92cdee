"""Django's own administration: people are mended there, results only looked at."""

import pytest
from django.test import Client

from experiments.models import Run, User
from tests.factories import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    browser = Client()
    browser.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    return browser


@pytest.mark.parametrize("name", ["user", "run", "dataset", "variant", "prompt", "languagemodel", "experiment", "worker"])
def test_every_list_and_form_opens(root, name):
    make_run()
    assert root.get(f"/admin/experiments/{name}/").status_code == 200
    if name != "worker":
        assert root.get(f"/admin/experiments/{name}/1/change/", follow=True).status_code == 200


def test_a_role_can_be_given_there(root):
    page = root.get("/admin/experiments/user/add/").content.decode()
    assert 'name="role"' in page


def test_a_run_cannot_be_edited_or_deleted_there(root):
    run = make_run()
    assert root.post(f"/admin/experiments/run/{run.pk}/change/", {"state": "completed"}).status_code == 403
    assert root.post(f"/admin/experiments/run/{run.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Run.objects.get().state == "queued"


def test_an_editor_stays_out(editor):
    assert editor.get("/admin/experiments/run/").status_code == 302
