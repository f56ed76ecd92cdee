"""Documentation that builds itself: a page for every plug-in out of its docstring and options, with links to what uses it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..domain.errors import UnknownName
from ..domain.registry import Registry
from ..domain.types import Decoding
from ..graders.base import graders
from ..inference.base import backends
from ..models import Dataset, Experiment, LanguageModel, Run, User
from ..reports.glossary import glossary
from ..sources.base import sources
from ..statistics.selectors.family import SELECTORS
from ..strategies.base import strategies
from ..studies.analyses.base import analyses
from ..studies.base import studies
from ..treatments.base import treatments
from ..verifiers.base import verifiers
from .option_fields import flat_fields

MOST_USERS = 20


@dataclass(frozen=True)
class Family:
    """One family of plug-ins as the documentation lists it."""

    address: str
    title: str
    sentence: str
    registry: Registry
    needs_from: str = "from the language model"
    users: Callable[[str, User], QuerySet] | None = None
    """The rows that use the plug-in of a name and that the user may know of, where a column tells it."""

    @property
    def term_name(self) -> str:
        """Of the glossary's entry that says what such a plug-in is; not every family has one."""
        return self.registry.noun.replace(" ", "-")


FAMILIES = [
    Family(
        "studies",
        "Studies",
        "The question an experiment asks, and how its results become findings.",
        studies,
        users=lambda name, user: Experiment.objects.visible_to(user).filter(study=name),
    ),
    Family(
        "analyses",
        "Analyses",
        "What else a study reads out of its pools, without asking a model again.",
        analyses,
        "in the pools",
    ),
    Family(
        "strategies",
        "Strategies",
        "How compute is spent on one problem.",
        strategies,
        users=lambda name, user: Run.objects.visible_to(user).filter(conditions__strategy=name).defer("config").distinct(),
    ),
    Family(
        "graders",
        "Graders",
        "How an answer is found in a text and marked against the target.",
        graders,
        users=lambda name, user: Experiment.objects.visible_to(user).filter(grader=name),
    ),
    Family("verifiers", "Verifiers", "How samples are ranked without the target.", verifiers),
    Family(
        "treatments",
        "Treatments",
        "What is done to a prompt after it is rendered, such as limiting the answer's length.",
        treatments,
    ),
    Family(
        "sources",
        "Sources",
        "Where problems come from.",
        sources,
        users=lambda name, user: Dataset.objects.latest_versions().filter(source=name),
    ),
    Family(
        "backends",
        "Backends",
        "What answers: a local model, or a script.",
        backends,
        users=lambda name, user: LanguageModel.objects.filter(backend=name),
    ),
]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    selectors = [(selector.name_with("the verifier"), selector.description.split("\n\n")) for selector in SELECTORS.values()]
    context = {
        "families": FAMILIES,
        "selectors": selectors,
        "decoding": flat_fields(Decoding),
    }
    return render(request, "docs/index.html", context)


@require_GET
def plugin(request: HttpRequest, family: str, name: str) -> HttpResponse:
    found = next((each for each in FAMILIES if each.address == family), None)
    if found is None:
        raise Http404(f"There is no family of plug-ins called {family}.")
    try:
        shown = found.registry.get(name)
    except UnknownName as error:
        raise Http404(str(error)) from None
    context = {
        "family": found,
        "name": shown.name,
        "label": shown.label,
        "paragraphs": [" ".join(part.split()) for part in inspect.getdoc(shown).split("\n\n")],
        "version": getattr(shown, "version", None),
        "needs": [need.replace("_", " ") for need in sorted(getattr(shown, "needs", ()))],
        "options": flat_fields(shown),
        "users": found.users(name, request.user)[:MOST_USERS] if found.users else None,
        "family_term": glossary().get(found.term_name),
    }
    return render(request, "docs/plugin.html", context)
