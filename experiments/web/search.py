"""The search page: everything that fits the words, kind by kind. Words, kinds and tag stand in the address."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from .searching import KINDS, Hit, Kind, found_by_kind
from .words import Words, from_address

IN_OVERVIEW = 5
IN_ONE_KIND = 100


@dataclass(frozen=True)
class Section:
    """One kind's hits; `all_query` leads to more of them if there are more than shown."""

    kind: Kind
    hits: list[tuple[Hit, list[tuple[str, bool]]]]
    all_query: str


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    words, tag = Words.of(request.GET.get("q", "")), from_address(request.GET.get("tag", ""), 100)
    chosen = [kind.name for kind in KINDS if kind.name in request.GET.getlist("kind")]
    most = IN_ONE_KIND if len(chosen) == 1 else IN_OVERVIEW
    found = found_by_kind(request.user, words, most + 1, tag, chosen)
    sections = [
        Section(
            kind,
            [(hit, words.marked(hit.text) if hit.text else []) for hit in hits[:most]],
            _changed(request, kind=[kind.name]) if len(hits) > most and len(chosen) != 1 else "",
        )
        for kind, hits in found
    ]
    context = {
        "words": words,
        "tag": tag,
        "without_tag": _changed(request, tag=[]),
        "sections": sections,
        "kinds": [(kind, kind.name in chosen, _toggled(request, chosen, kind.name)) for kind in KINDS],
        "every_kind": _changed(request, kind=[]),
        "chosen": chosen,
        "most": IN_ONE_KIND,
        "is_cut": len(chosen) == 1 and any(len(hits) > most for _, hits in found),
        "view_query": request.GET.urlencode(),
        "saved_views": request.user.saved_views.filter(page="search"),
    }
    return render(request, "search/search.html", context)


def _toggled(request: HttpRequest, chosen: list[str], name: str) -> str:
    """The query with this kind added to those asked for, or taken from them."""
    return _changed(request, kind=[each for each in chosen if each != name] + [name] * (name not in chosen))


def _changed(request: HttpRequest, **changes: list[str]) -> str:
    query = request.GET.copy()
    for name, values in changes.items():
        query.setlist(name, values)
    return query.urlencode()
