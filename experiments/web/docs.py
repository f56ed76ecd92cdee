"""Documentation that builds itself: a page for every plug-in out of its docstring and options, and a glossary."""

import inspect
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..domain.errors import UnknownName
from ..domain.registry import Registry
from ..domain.types import Decoding
from ..graders.base import graders
from ..inference.base import backends
from ..sources.base import sources
from ..statistics.selectors.family import SELECTORS
from ..strategies.base import strategies
from ..studies.analyses.base import analyses
from ..studies.base import studies
from ..treatments.base import treatments
from ..verifiers.base import verifiers
from .option_fields import flat_fields


@dataclass(frozen=True)
class Family:
    """One family of plug-ins as the documentation lists it."""

    address: str
    title: str
    sentence: str
    registry: Registry
    needs_from: str = "from the language model"


FAMILIES = [
    Family("studies", "Studies", "The question an experiment asks, and how its results become findings.", studies),
    Family(
        "analyses",
        "Analyses",
        "What else a study reads out of its pools, without asking a model again.",
        analyses,
        "in the pools",
    ),
    Family("strategies", "Strategies", "How compute is spent on one problem.", strategies),
    Family("graders", "Graders", "How an answer is found in a text and marked against the target.", graders),
    Family("verifiers", "Verifiers", "How samples are ranked without the target.", verifiers),
    Family(
        "treatments",
        "Treatments",
        "What is done to a prompt after it is rendered, such as limiting the answer's length.",
        treatments,
    ),
    Family("sources", "Sources", "Where problems come from.", sources),
    Family("backends", "Backends", "What answers: a local model, or a script.", backends),
]

GLOSSARY = [
    ("Problem", "One question together with the answer it should get, its target."),
    ("Dataset", "A named list of problems. A stored version never changes; adding or mending problems makes the next version."),
    ("Prompt", "A task that is put to a model. Its variants compete with each other."),
    ("Variant", "One wording of a prompt: a system text and a user template with slots. Editing it makes a new version."),
    ("Language model", "Something that can be asked, with what it is known to be able to do."),
    ("Study", "The question an experiment asks. It decides which conditions are run and what is computed from them."),
    ("Condition", "One cell of the design: a model, a variant, a way of decoding, a strategy and perhaps a treatment."),
    (
        "Treatment",
        "Something done to the rendered prompt and to nothing else, such as a sentence that limits the answer's length.",
    ),
    ("Strategy", "How compute is spent on one problem, such as drawing a pool of independent samples."),
    ("Verifier", "Ranks samples without knowing the target. What it spends counts as cost."),
    ("Grader", "Marks a sample against the target, and keeps what it took for the answer and why."),
    ("Experiment", "A plan that can be edited."),
    ("Run", "One execution of a frozen copy of an experiment. Later edits do not reach it."),
    ("Attempt", "One problem under one condition, once. Runs are resumed attempt by attempt."),
    ("Sample", "One generated text with its seed, its cost and the reason why it ended."),
    ("Pool", "The independent samples of one attempt. Every k up to N is computed from the same pool."),
    ("Selector", "Picks one answer out of a pool, for instance the most frequent one. It asks the model nothing."),
    ("Finding", "A result in words, with the number of problems behind it and its interval."),
]

VERDICTS = [
    ("correct", "The answer matches the target."),
    ("wrong", "An answer was found and does not match."),
    ("unparsed", "The text ended by itself, but no answer was found in it."),
    ("truncated", "The text hit its token limit before it marked an answer."),
    ("timed_out", "The grader did not finish in time."),
    ("failed", "The model gave no text; the reason is stored."),
]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    selectors = [(selector.name_with("the verifier"), selector.description.split("\n\n")) for selector in SELECTORS.values()]
    context = {
        "families": FAMILIES,
        "selectors": selectors,
        "glossary": GLOSSARY,
        "verdicts": VERDICTS,
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
    }
    return render(request, "docs/plugin.html", context)
