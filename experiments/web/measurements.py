"""Measuring how fast this machine computes a language model: asked for, and followed while a worker does it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..domain.errors import AssayError
from ..inference.base import backends
from ..models import LanguageModel, Measurement
from ..runner import presence
from .access import editor_required
from .option_fields import in_words


@editor_required
@require_POST
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker try the ways of computing; the page follows it."""
    entry = get_object_or_404(LanguageModel, pk=pk)
    Measurement.objects.request(entry, request.user)
    if request.htmx:
        return render(request, "language_models/_measurements.html", measurement_context(entry))
    return redirect(f"{entry.get_absolute_url()}#measurements")


@require_GET
def measurements(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the measurement is, and what was found last."""
    context = measurement_context(get_object_or_404(LanguageModel, pk=pk))
    return render(request, "language_models/_measurements.html", context)


def measurement_context(entry: LanguageModel) -> dict[str, Any]:
    """What the measurements' part of the page is drawn from."""
    last = entry.measurements.last()
    waits = last is not None and last.state == Measurement.State.QUEUED
    try:
        found = backends.build(entry.backend, entry.params).measurements()
    except AssayError:
        found = {}
    return {
        "entry": entry,
        "measurement": last,
        "nobody_works": waits and not presence.any_alive(),
        "measured": [(name.replace("_", " "), in_words(value)) for name, value in found.items()],
    }
