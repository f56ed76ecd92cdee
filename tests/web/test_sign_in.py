"""Coming in with a password, and going out."""

import pytest

from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def ada():
    return make_user(name="ada", password=PASSWORD)


def sign_in(client, **fields):
    return client.post("/login/", {"username": "ada", "password": PASSWORD, **fields})


def test_name_and_password_let_in(client, ada):
    assert sign_in(client).url == "/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_is_refused_with_a_message(client, ada):
    response = sign_in(client, password="guess")
    assert response.status_code == 200
    assert "correct username and password" in response.content.decode()
    assert client.get("/").status_code == 302


def test_somebody_locked_out_stays_out(client, ada):
    ada.is_active = False
    ada.save()
    sign_in(client)
    assert client.get("/").status_code == 302


def test_one_goes_on_to_the_page_that_was_asked_for(client, ada):
    assert client.get("/experiments/").url == "/login/?next=/experiments/"
    assert sign_in(client, next="/experiments/").url == "/experiments/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_one_never_goes_on_to_another_host(client, ada, elsewhere):
    assert sign_in(client, next=elsewhere).url == "/"


def test_signing_out_takes_a_post(client, ada):
    sign_in(client)
    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200
    client.post("/logout/")
    assert client.get("/").status_code == 302
