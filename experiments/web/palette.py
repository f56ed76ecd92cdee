"""The command palette's entries, and the help for the keyboard."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from .navigation import PAGES
from .searching import found_by_kind
from .shortcuts import GROUPS
from .words import Words

PER_KIND = 4


@dataclass(frozen=True)
class Entry:
    title: str
    url: str
    note: str = ""
    keywords: str = ""


# (title, the page's name, further words it is found by). Actions are for editors.
_ACTIONS = [
    ("New experiment", "experiment_new", "plan create start"),
    ("New prompt", "prompt_new", "create write wording"),
    ("Upload a dataset", "dataset_upload", "import csv jsonl problems file create"),
    ("Add a model", "language_model_new", "create endpoint gguf"),
    ("Keys of remote endpoints", "keys", "api secret"),
]
_MORE_PAGES = [
    ("Basket", "basket", "compare conditions put aside"),
    ("Search", "search", "find"),
    ("Glossary", "glossary", "words statistics terms explain help"),
    ("Keyboard shortcuts", "keyboard", "keys help"),
    ("API documentation", "api_docs", "swagger openapi programs"),
    ("Account", "account", "password token sign out"),
]


@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """Options for the palette's list: pages, actions and views while nothing is typed, then whatever fits the words."""
    words = Words.of(request.GET.get("q", ""))
    groups = [
        (title, [entry for entry in entries if words.fit(f"{entry.title} {entry.keywords}")])
        for title, entries in _fixed(request)
    ]
    if words:
        found = found_by_kind(request.user, words, PER_KIND)
        groups += [(kind.title, [Entry(hit.title, hit.url, hit.note) for hit in hits]) for kind, hits in found]
    groups = [(title, entries) for title, entries in groups if entries]
    return render(
        request, "palette/_options.html", {"groups": groups, "words": words, "n": sum(len(entries) for _, entries in groups)}
    )


@require_GET
def keyboard(request: HttpRequest) -> HttpResponse:
    """All shortcuts; palette.js shows the same list in a dialog."""
    template = "palette/_shortcuts.html" if request.htmx else "palette/keyboard.html"
    return render(request, template, {"groups": GROUPS})


def _fixed(request: HttpRequest) -> list[tuple[str, list[Entry]]]:
    pages = [Entry(label, reverse(name)) for label, name in PAGES]
    pages += [Entry(label, reverse(name), keywords=keywords) for label, name, keywords in _MORE_PAGES]
    actions = [Entry(title, reverse(name), keywords=keywords) for title, name, keywords in _ACTIONS if request.user.can_edit]
    views = [
        Entry(view.name, view.get_absolute_url(), f"view of {view.page.replace('_', ' ')}")
        for view in request.user.saved_views.all()
    ]
    return [("Pages", pages), ("Actions", actions), ("Your views", views)]
