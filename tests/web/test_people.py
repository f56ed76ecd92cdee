"""Administrators let people in and say what they may do."""

import re

import pytest
from django.test import Client

from experiments.models import LoginLink, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def link_in(response) -> str:
    return re.search(r"http://testserver(/login/[\w-]+/)", response.content.decode()).group(1)


def test_a_new_person_gets_a_link_that_lets_them_in_with_their_role(administrator):
    page = administrator.post("/people/add/", {"username": "eve", "role": "editor"})
    newcomer = Client()
    newcomer.post(link_in(page))
    assert newcomer.get("/").wsgi_request.user.username == "eve"
    eve = User.objects.get(username="eve")
    assert (eve.role, eve.has_usable_password(), eve.is_staff, eve.is_superuser) == ("editor", False, False, False)


def test_a_name_that_is_taken_is_refused_and_nobody_is_added(administrator):
    make_user(name="eve")
    page = administrator.post("/people/add/", {"username": "eve", "role": "administrator"})
    assert "already exists" in page.content.decode()
    assert User.objects.get(username="eve").role == "editor"
    assert not LoginLink.objects.exists()


def test_a_forgotten_password_is_mended_with_a_new_link(administrator):
    eve = make_user(name="eve")
    friend = Client()
    friend.post(link_in(administrator.post(f"/people/{eve.pk}/link/")))
    assert friend.get("/").wsgi_request.user == eve


def test_a_role_changes_for_that_person_alone(administrator):
    eve, other = make_user(name="eve", role="viewer"), make_user(role="viewer")
    administrator.post(f"/people/{eve.pk}/", {"role": "editor", "is_active": "on"})
    eve.refresh_from_db()
    other.refresh_from_db()
    assert (eve.role, other.role) == ("editor", "viewer")


def test_locking_somebody_out_ends_their_session(administrator, editor):
    administrator.post(f"/people/{editor.user.pk}/", {"role": "editor"})
    assert editor.get("/").status_code == 302


def test_the_last_administrator_stays_one(administrator):
    for change in ({"role": "viewer", "is_active": "on"}, {"role": "administrator"}):
        page = administrator.post(f"/people/{administrator.user.pk}/", change, follow=True)
        assert "last administrator" in page.content.decode()
    administrator.user.refresh_from_db()
    assert (administrator.user.role, administrator.user.is_active) == ("administrator", True)


def test_the_pages_refuse_get_where_they_change_something(administrator):
    eve = make_user(name="eve")
    for path in ("/people/add/", f"/people/{eve.pk}/", f"/people/{eve.pk}/link/"):
        assert administrator.get(path).status_code == 405


def test_others_are_told_which_role_it_takes(editor):
    page = editor.get("/people/")
    assert page.status_code == 403
    assert "needs the role administrator" in page.content.decode()
