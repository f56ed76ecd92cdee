"""Asking an endpoint about itself: which models it has, and what it really honours."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..domain.errors import AssayError, InvalidInput, TransientInferenceError
from ..inference.base import backends
from ..models import LanguageModel, TruthTest
from ..runner import presence
from ..runner.trust import admit
from .access import editor_required
from .language_model_forms import BackendForm

#: For the list of models; the client is less patient by itself.
MOST_SECONDS = 60


@editor_required
@require_POST
def offered(request: HttpRequest) -> HttpResponse:
    """Check boxes for the models of the endpoint being entered. Stores nothing."""
    try:
        plugin = backends.get(request.POST.get("backend", ""))
    except InvalidInput as error:
        raise Http404(str(error)) from None
    data = request.POST.copy()
    # It need not be known yet; finding out is what the list is for.
    data.setdefault(f"backend-{plugin.name}-model", "-")
    data[f"backend-{plugin.name}-model"] = data[f"backend-{plugin.name}-model"] or "-"
    form = BackendForm(plugin, data)
    context: dict[str, Any] = {}
    try:
        if not form.is_valid():
            raise InvalidInput(" ".join(f"{form[name].label}: {' '.join(told)}" for name, told in form.errors.items()))
        backend = backends.build(plugin.name, form.params)
        admit(request.user, backend, consent="consent" in request.POST)
        context["names"] = _ask(backend.list_models())
    except AssayError as error:
        context["obstacle"] = str(error)
    return render(request, "language_models/_offered.html", context)


@editor_required
@require_POST
def truth_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker ask the small questions; the page follows it."""
    entry = get_object_or_404(LanguageModel, pk=pk)
    obstacle = ""
    try:
        backend = backends.build(entry.backend, entry.params)
        if not backend.is_remote:
            raise InvalidInput(f"“{backend.label}” needs no truth test: only remote endpoints do.")
        backend.check()
        TruthTest.objects.request(entry, request.user)
    except AssayError as error:
        obstacle = str(error)
    if request.htmx:
        return render(request, "language_models/_truth.html", {**truth_context(entry), "truth_obstacle": obstacle})
    if obstacle:
        messages.error(request, f"The truth test was not started. {obstacle}")
    return redirect(f"{entry.get_absolute_url()}#truth")


@require_GET
def truth(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the truth test is, and what the last one saw."""
    return render(request, "language_models/_truth.html", truth_context(get_object_or_404(LanguageModel, pk=pk)))


def truth_context(entry: LanguageModel) -> dict[str, Any]:
    """What the truth test's part of the page is drawn from."""
    test = entry.truth_tests.last()
    waits = test is not None and test.state == TruthTest.State.QUEUED
    return {"entry": entry, "test": test, "nobody_works": waits and not presence.any_alive()}


def _ask(question: Coroutine) -> Any:
    """The answer. Raises what the question raises, and TransientInferenceError when it takes too long."""

    async def bounded() -> Any:
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await question
        except TimeoutError:
            raise TransientInferenceError(f"The endpoint took longer than {MOST_SECONDS} seconds. Try again later.") from None

    return async_to_sync(bounded)()
