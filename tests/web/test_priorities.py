"""Setting a run's priority on its page and by the API, where Celery places the work."""

import pytest
from rest_framework.test import APIClient

from experiments.models import Run, User
from tests.factories import make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run()


def test_an_editor_sets_it_on_the_page(client, run, settings):
    settings.ASSAY_BROKER_URL = "memory://"
    client.force_login(make_user())
    assert b"High priority" in client.get(run.get_absolute_url()).content
    shown = client.post(f"{run.get_absolute_url()}priority/", {"priority": 2}, follow=True)
    assert f"Run {run.pk} has high priority" in shown.content.decode()
    run.refresh_from_db()
    assert run.priority == Run.Priority.HIGH


def test_there_is_nothing_to_set_where_a_worker_looks_for_work_by_itself_or_the_run_is_over(client, run, settings):
    client.force_login(make_user())
    assert b"High priority" not in client.get(run.get_absolute_url()).content
    settings.ASSAY_BROKER_URL = "memory://"
    run.cancel()
    assert b"High priority" not in client.get(run.get_absolute_url()).content


def test_what_is_no_priority_changes_nothing(client, run):
    client.force_login(make_user())
    shown = client.post(f"{run.get_absolute_url()}priority/", {"priority": 9}, follow=True)
    assert "The priority was left as it is." in shown.content.decode()
    run.refresh_from_db()
    assert run.priority == Run.Priority.NORMAL


def test_viewers_may_not(client, run):
    client.force_login(make_user(role=User.Role.VIEWER))
    assert client.post(f"{run.get_absolute_url()}priority/", {"priority": 2}).status_code == 403
    assert client.get(f"{run.get_absolute_url()}priority/").status_code == 405


def test_the_api_sets_it_too(run):
    api = APIClient()
    api.force_authenticate(make_user())
    assert api.post(f"/api/runs/{run.pk}/priority/", {"priority": 0}, format="json").json()["priority"] == 0
    assert api.post(f"/api/runs/{run.pk}/priority/", {"priority": 3}, format="json").status_code == 400
    assert api.post(f"/api/runs/{run.pk}/priority/", {}, format="json").status_code == 400
