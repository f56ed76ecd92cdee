"""Asking an endpoint about itself: which models it has, and what it really honours."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ..domain.errors import AssayError, InvalidInput, TransientInferenceError
from ..inference.admission import admit
from ..inference.base import backends
from ..models import LanguageModel
from .access import editor_required
from .language_model_forms import BackendForm

#: A slow machine of one's own needs minutes for the truth test's twenty questions.
MOST_SECONDS = 600


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
        admit(backend, by_administrator=request.user.can_administer, consent="consent" in request.POST)
        context["names"] = _ask(backend.list_models())
    except AssayError as error:
        context["obstacle"] = str(error)
    return render(request, "language_models/_offered.html", context)


@editor_required
@require_POST
def truth_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the small questions now, and keep what was found with the language model."""
    entry = get_object_or_404(LanguageModel, pk=pk)
    obstacle = ""
    try:
        entry.truth = _ask(backends.build(entry.backend, entry.params).truth_test())
        entry.save(update_fields=["truth"])
    except AssayError as error:
        obstacle = str(error)
    if request.htmx:
        return render(request, "language_models/_truth.html", {"entry": entry, "truth_obstacle": obstacle})
    if obstacle:
        messages.error(request, f"The truth test was not finished. {obstacle}")
    return redirect(entry)


def _ask(question: Coroutine) -> Any:
    """The answer. Raises what the question raises, and TransientInferenceError when it takes too long."""

    async def bounded() -> Any:
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await question
        except TimeoutError:
            raise TransientInferenceError(f"The endpoint took longer than {MOST_SECONDS} seconds. Try again later.") from None

    return async_to_sync(bounded)()
