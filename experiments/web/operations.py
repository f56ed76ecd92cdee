"""The installation at work, for administrators; attempts that are stuck can be freed."""

import hashlib

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from ..models import Attempt, AuditEntry
from ..reports.operations import Operations, operations
from ..runner import broker
from .access import administrator_required

#: Each is one piece of the page, swapped on its own when it looks different.
SECTIONS = ("summary", "leases", "workers", "waiting", "endpoints", "queues")


class FreeForm(forms.Form):
    """Attempts under way, by number."""

    attempt = forms.ModelMultipleChoiceField(Attempt.objects.none())

    def __init__(self, data):
        super().__init__(data)
        running = Attempt.objects.filter(state=Attempt.State.RUNNING).select_related("run", "worker", "problem")
        self.fields["attempt"].queryset = running.defer("run__config", "trace").order_by("pk")


@administrator_required
@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The whole page, or for the page's own polling the sections that look different from those it `seen`s."""
    sections = _sections(operations(), request)
    if not request.htmx:
        return render(request, "operations/index.html", {"sections": sections})
    seen = set(request.GET.getlist("seen"))
    different = [section for section in sections if section["seen"] not in seen]
    if not different:
        return HttpResponse(status=204)
    return render(request, "operations/_sections.html", {"sections": different, "swaps": True})


@administrator_required
@never_cache
@require_http_methods(["GET", "POST"])
def free(request: HttpRequest) -> HttpResponse:
    """GET asks whether to; POST gives the attempts back, for any worker to take up."""
    form = FreeForm(request.GET if request.method == "GET" else request.POST)
    if not form.is_valid():
        messages.warning(request, "Nothing was freed: not all of these attempts are under way any more. Look again.")
        return redirect("operations")
    attempts = list(form.cleaned_data["attempt"])
    if request.method == "GET":
        return render(request, "operations/free.html", {"attempts": attempts})
    n_freed = Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).take_back()
    for run in {attempt.run for attempt in attempts}:
        mine = [attempt.pk for attempt in attempts if attempt.run_id == run.pk]
        AuditEntry.objects.record(request.user, AuditEntry.Action.ATTEMPTS_FREED, run, attempts=mine)
    messages.success(request, f"{n_freed} freed. The next worker that has room goes on where they were.")
    return redirect("operations")


def _sections(seen_now: Operations, request: HttpRequest) -> list[dict[str, str]]:
    context = {"operations": seen_now, "has_broker": broker.is_configured()}
    found = []
    for name in SECTIONS:
        html = render_to_string(f"operations/_{name}.html", context, request)
        found.append({"name": name, "html": html, "seen": f"{name}-{hashlib.sha256(html.encode()).hexdigest()[:12]}"})
    return found
