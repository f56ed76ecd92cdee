"""While the database is away pages say so, ask again, and come back by themselves."""

import pytest
from django.db import OperationalError, connection
from django.test import AsyncClient, Client, RequestFactory

from experiments.web.outages import server_error
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def away(tmp_path):
    """Takes the database away, and brings it back at the end."""
    usual = dict(connection.settings_dict)

    def take_away() -> None:
        connection.close()
        connection.settings_dict["NAME"] = str(tmp_path / "nowhere" / "assay.sqlite3")
        connection.settings_dict["OPTIONS"] = {}

    yield take_away
    connection.close()
    connection.settings_dict.update(usual)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how it is taken away is SQLite's; tests/grown stops a PostgreSQL")
class TestAway:
    def test_a_page_says_so_and_tries_again(self, away, caplog):
        client = Client(raise_request_exception=False)
        client.force_login(make_user())
        away()
        response = client.get("/")
        assert response.status_code == 503
        assert response["Retry-After"] == "5"
        assert b"The database does not answer at the moment." in response.content
        assert b'http-equiv="refresh"' in response.content
        assert b"unable to open" not in response.content
        assert "GET / was not answered, the database cannot be used: unable to open database file" in caplog.text
        assert "Traceback" not in caplog.text

    def test_what_was_sent_is_not_sent_again(self, away):
        client = Client(raise_request_exception=False)
        client.force_login(make_user())
        away()
        response = client.post("/runs/1/pause/")
        assert response.status_code == 503
        assert b'http-equiv="refresh"' not in response.content

    def test_the_api_says_it_in_its_own_shape(self, away):
        client = Client(raise_request_exception=False)
        client.force_login(make_user())
        away()
        response = client.get("/api/runs/")
        assert response.status_code == 503
        assert response.json()["error"]["message"].startswith("The database does not answer at the moment.")


def test_a_full_disk_is_named():
    try:
        raise OperationalError("database or disk is full")
    except OperationalError:
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 503
    assert "The server&#x27;s disk is full." in response.content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the statement is SQLite's")
class TestOtherTables:
    def test_tables_of_another_version_are_named(self, client):
        client.raise_request_exception = False
        client.force_login(make_user())
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE experiments_run RENAME TO hidden")
        try:
            response = client.get("/runs/")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE hidden RENAME TO experiments_run")
        assert response.status_code == 503
        assert "run “manage.py migrate”" in response.content.decode()


async def test_an_error_of_another_kind_stays_one(monkeypatch):
    from experiments.web import signing_in

    def broken(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(signing_in.SignIn, "dispatch", broken)
    response = await AsyncClient(raise_request_exception=False).get("/login/")
    assert response.status_code == 500
    assert b"Something broke here" in response.content
