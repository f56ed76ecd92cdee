"""Tagging runs, experiments, prompts and datasets."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ..domain.errors import InvalidInput
from ..models import Dataset, Experiment, Prompt, Run
from ..models.tags import Tagged
from .access import editor_required

KINDS: dict[str, type[Tagged]] = {"run": Run, "experiment": Experiment, "prompt": Prompt, "dataset": Dataset}


@editor_required
@require_POST
def add(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Attach the tags of `name`, a list with commas."""
    thing = _thing(request, kind, pk)
    try:
        thing.tag(request.POST.get("name", ""))
    except InvalidInput as error:
        messages.error(request, str(error))
    return _answer(request, kind, thing)


@editor_required
@require_POST
def remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    thing = _thing(request, kind, pk)
    thing.untag(request.POST.get("name", ""))
    return _answer(request, kind, thing)


def _thing(request: HttpRequest, kind: str, pk: int) -> Tagged:
    if kind not in KINDS:
        raise Http404(f"Nothing of the kind {kind} carries tags.")
    rows = KINDS[kind].objects
    return get_object_or_404(rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows, pk=pk)


def _answer(request: HttpRequest, kind: str, thing: Tagged) -> HttpResponse:
    if request.htmx:
        return render(request, "tags/_tags.html", {"thing": thing, "kind": kind})
    return redirect(thing)
