"""Browsers that are signed in, one per role."""

import pytest
from django.test import Client

from tests.factories import make_user


def _browser(role: str) -> Client:
    browser = Client()
    browser.user = make_user(role=role, name=f"the {role}")
    browser.force_login(browser.user)
    return browser


@pytest.fixture
def viewer(db) -> Client:
    return _browser("viewer")


@pytest.fixture
def editor(db) -> Client:
    return _browser("editor")


@pytest.fixture
def administrator(db) -> Client:
    return _browser("administrator")
