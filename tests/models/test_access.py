"""Roles, and one-time login links."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import LoginLink, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return User.objects.create_user("ada", role=User.Role.EDITOR)


def test_a_link_lets_its_user_in_once(user):
    secret = LoginLink.objects.issue(user)
    assert LoginLink.objects.redeem(secret) == user
    assert LoginLink.objects.redeem(secret) is None


def test_the_secret_itself_is_not_stored(user):
    secret = LoginLink.objects.issue(user)
    assert secret not in str(LoginLink.objects.values_list())


def test_an_expired_link_is_worthless(user):
    secret = LoginLink.objects.issue(user, minutes=5)
    LoginLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert LoginLink.objects.redeem(secret) is None


def test_a_deactivated_user_stays_out(user):
    secret = LoginLink.objects.issue(user)
    User.objects.update(is_active=False)
    assert LoginLink.objects.redeem(secret) is None


def test_an_unknown_secret_is_refused():
    assert LoginLink.objects.redeem("guess") is None


@pytest.mark.parametrize(("role", "edits", "administers"), [("viewer", 0, 0), ("editor", 1, 0), ("administrator", 1, 1)])
def test_each_role_may_do_what_it_says(role, edits, administers):
    person = User(role=role)
    assert (person.can_edit, person.can_administer) == (bool(edits), bool(administers))


def test_an_inactive_administrator_may_do_nothing():
    person = User(role=User.Role.ADMINISTRATOR, is_active=False)
    assert not person.can_edit
    assert not person.can_administer
