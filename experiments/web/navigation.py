"""The entries of the side navigation, with the one that is open marked."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    icon: str
    current: bool


_PAGES = [
    ("Dashboard", "/", "dashboard"),
    ("Experiments", "/experiments/", "experiments"),
    ("Runs", "/runs/", "runs"),
    ("Prompts", "/prompts/", "prompts"),
    ("Datasets", "/datasets/", "datasets"),
    ("Models", "/models/", "models"),
    ("Docs", "/docs/", "docs"),
]


def navigation(request: HttpRequest) -> dict:
    """Context processor: `navigation.pages` for everyone, `navigation.person` for who is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    person = [("People", "/people/", "people")] if user.can_administer else []
    person.append((user.get_username(), "/account/", "account"))
    return {"navigation": {"pages": _entries(_PAGES, request.path), "person": _entries(person, request.path)}}


def _entries(rows: list[tuple[str, str, str]], path: str) -> list[Entry]:
    return [Entry(label, url, icon, path == url if url == "/" else path.startswith(url)) for label, url, icon in rows]
