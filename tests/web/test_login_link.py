"""The one-time link: it lets in once, by a button, and says why when it does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import LoginLink
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user(name="ada")


def test_opening_the_link_spends_nothing_so_that_a_preview_cannot(client, ada):
    secret = LoginLink.objects.issue(ada)
    page = client.get(f"/login/{secret}/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "ada" in page.content.decode()
    assert client.get("/").status_code == 302
    assert LoginLink.objects.get().used_at is None


def test_the_button_signs_in_and_the_link_is_spent(client, ada):
    secret = LoginLink.objects.issue(ada)
    assert client.post(f"/login/{secret}/").url == "/"
    assert client.get("/").wsgi_request.user == ada
    client.logout()
    again = client.post(f"/login/{secret}/")
    assert again.status_code == 410
    assert "no longer works" in again.content.decode()
    assert client.get("/").status_code == 302


def test_a_spent_an_old_and_an_unknown_link_say_what_to_do(client, ada):
    spent, old = LoginLink.objects.issue(ada), LoginLink.objects.issue(ada)
    LoginLink.objects.redeem(spent)
    LoginLink.objects.filter(used_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    for secret in (spent, old, "never-issued"):
        for response in (client.get(f"/login/{secret}/"), client.post(f"/login/{secret}/")):
            assert response.status_code == 410
            assert "Ask an administrator for a new link" in response.content.decode()
    assert client.get("/").status_code == 302


def test_the_link_of_somebody_locked_out_lets_nobody_in(client, ada):
    secret = LoginLink.objects.issue(ada)
    ada.is_active = False
    ada.save()
    assert client.post(f"/login/{secret}/").status_code == 410
    assert client.get("/").status_code == 302


def test_the_link_leads_to_a_page_of_this_site_only(client, ada):
    wanted = {"/runs/1/": "/runs/1/", "https://evil.example/": "/", "//evil.example": "/", "": "/"}
    for asked, reached in wanted.items():
        client.logout()
        secret = LoginLink.objects.issue(ada)
        assert client.post(f"/login/{secret}/?next={asked}").url == reached


def test_who_is_signed_in_already_goes_on_and_keeps_the_link(client, ada):
    secret = LoginLink.objects.issue(ada)
    client.force_login(ada)
    assert client.get(f"/login/{secret}/?next=/runs/1/").url == "/runs/1/"
    assert LoginLink.objects.get().used_at is None
