"""The glossary: every word and every statistic on one page, and a page for each."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..reports.glossary import Term, glossary, terms_of
from .docs import FAMILIES

GROUPS = [
    ("statistic", "Statistics", "What the numbers on the pages mean. The ? beside a number tells the same."),
    ("word", "Words", "One word for one idea, the same on screen, in files and in the API."),
    ("verdict", "Verdicts", "Only the first two are judgements. The others are counted apart and never taken for wrong."),
]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    groups = [(kind, title, sentence, sorted(terms_of(kind), key=_order(kind))) for kind, title, sentence in GROUPS]
    return render(request, "glossary/index.html", {"groups": groups})


@require_GET
def term(request: HttpRequest, name: str) -> HttpResponse:
    """One entry, with what it refers to and what refers to it."""
    known = glossary()
    if name not in known:
        raise Http404(f"The glossary has no entry called {name}.")
    shown = known[name]
    related = [known[other] for other in shown.see]
    related += [other for other in known.values() if name in other.see and other not in related]
    family = next((each for each in FAMILIES if each.term_name == name), None)
    return render(
        request, "glossary/term.html", {"term": shown, "related": related, "plugins": _plugins(shown), "family": family}
    )


def _order(kind: str):
    """Verdicts keep their order, from right to failed; all else goes by the alphabet."""
    return (lambda term: 0) if kind == "verdict" else (lambda term: term.title.lower())


def _plugins(shown: Term) -> list[tuple[str, str, str]]:
    """(family, name, label) of the plug-ins that the entry speaks of."""
    families = {family.address: family.registry for family in FAMILIES}
    return [(*address.split("/"), families[address.split("/")[0]].get(address.split("/")[1]).label) for address in shown.docs]
