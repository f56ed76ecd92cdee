"""The entries of the side navigation, with the one that is open marked."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from .basket import comparison_url


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    icon: str
    current: bool


# (label, the page's name in the address configuration); icons.svg has a symbol of that name.
PAGES = [
    ("Dashboard", "dashboard"),
    ("Experiments", "experiments"),
    ("Runs", "runs"),
    ("Compare", "compare"),
    ("Reviews", "reviews"),
    ("Prompts", "prompts"),
    ("Datasets", "datasets"),
    ("Models", "language_models"),
    ("Docs", "docs"),
]


def navigation(request: HttpRequest) -> dict:
    """Context processor: `navigation.pages` for everyone, `navigation.person` for who is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    person = [("Operations", "operations"), ("People", "people")] if user.can_administer else []
    person.append((user.get_username(), "account"))
    basket = {"n": len(user.basket), "comparison_url": comparison_url(user.basket)}
    return {"navigation": {"pages": _entries(PAGES, request.path), "person": _entries(person, request.path), "basket": basket}}


def _entries(rows: list[tuple[str, str]], path: str) -> list[Entry]:
    return [_entry(label, name, reverse(name), path) for label, name in rows]


def _entry(label: str, name: str, url: str, path: str) -> Entry:
    is_current = path == url if name == "dashboard" else path.startswith(url)
    return Entry(label, url, name, is_current)
