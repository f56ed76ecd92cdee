"""One's own password and token."""

import pytest
from rest_framework.authtoken.models import Token

from experiments.models import User

pytestmark = pytest.mark.django_db
NEW = "a much longer password"


def test_who_came_by_link_sets_a_first_password(viewer):
    viewer.user.set_unusable_password()
    viewer.user.save()
    viewer.force_login(viewer.user)
    assert viewer.post("/account/", {"new_password1": NEW, "new_password2": NEW}).url == "/account/"
    assert User.objects.get(pk=viewer.user.pk).check_password(NEW)
    assert viewer.get("/account/").status_code == 200


def test_changing_a_password_asks_for_the_old_one(viewer):
    viewer.user.set_password("the old password")
    viewer.user.save()
    viewer.force_login(viewer.user)
    page = viewer.post("/account/", {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW})
    assert "old password was entered incorrectly" in page.content.decode()
    assert User.objects.get(pk=viewer.user.pk).check_password("the old password")


@pytest.mark.parametrize("weak", ["short", "password123"])
def test_a_weak_password_is_refused_with_a_message(viewer, weak):
    viewer.user.set_unusable_password()
    viewer.user.save()
    viewer.force_login(viewer.user)
    page = viewer.post("/account/", {"new_password1": weak, "new_password2": weak})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not User.objects.get(pk=viewer.user.pk).has_usable_password()


def test_a_token_is_shown_once_and_opens_the_api(viewer, client):
    page = viewer.post("/account/token/").content.decode()
    key = Token.objects.get(user=viewer.user).key
    assert key in page
    assert key not in viewer.get("/account/").content.decode()
    assert client.get("/api/runs/", headers={"Authorization": f"Token {key}"}).status_code == 200


def test_a_new_token_replaces_the_old_one(viewer):
    viewer.post("/account/token/")
    old = Token.objects.get().key
    viewer.post("/account/token/")
    assert Token.objects.get().key != old


def test_revoking_leaves_other_peoples_tokens_alone(viewer, editor):
    viewer.post("/account/token/")
    editor.post("/account/token/")
    viewer.post("/account/token/revoke/")
    assert [token.user for token in Token.objects.all()] == [editor.user]


def test_tokens_are_neither_made_nor_revoked_by_looking(viewer):
    assert viewer.get("/account/token/").status_code == 405
    assert viewer.get("/account/token/revoke/").status_code == 405
    assert not Token.objects.exists()
