"""The graders of a run: what they came to, another one over the same answers, and which verdicts flip."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..domain.errors import AssayError, InvalidInput
from ..graders.base import graders
from ..models import AuditEntry, Run
from ..reports.grade_flips import grade_flips, graders_of
from ..runner.regradings import begin_regrading
from .access import editor_required, find_run
from .option_forms import OptionsForm


class GraderForm(forms.Form):
    """Which grader to mark a run by."""

    grader = forms.ChoiceField(label="Grader", help_text="Its verdicts are kept beside the run's own; nothing is generated again")

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["grader"].choices = graders.choices()


class Between(forms.Form):
    """Which two graders to compare, out of the query string."""

    before = forms.CharField(required=False, max_length=100)
    after = forms.CharField(required=False, max_length=100)


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """All graders of the run, and what the last of them changes."""
    run = find_run(request, pk)
    return _render(request, run, _options(request.GET, run))


@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """The options of the grader just chosen in the menu."""
    return render(request, "_options.html", {"form": _options(request.GET)})


@editor_required
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a regrading; without scripts, first show the options of the grader that was chosen."""
    run = find_run(request, pk)
    form = _options(request.POST, run)
    if "show" in request.POST or not form.is_valid():
        return _render(request, run, form)
    try:
        regrading = begin_regrading(run, form.options.name, form.params, request.user)
        messages.success(request, f"Run {pk} is marked by “{regrading.key}” in the background.")
    except AssayError as error:
        messages.error(request, f"Not marked. {error}")
    return redirect("run_graders", pk)


@editor_required
@require_POST
def cancel(request: HttpRequest, pk: int, regrading: int) -> HttpResponse:
    found = get_object_or_404(find_run(request, pk).regradings, pk=regrading)
    if found.cancel():
        AuditEntry.objects.record(request.user, AuditEntry.Action.REGRADING_STOPPED, found)
    else:
        messages.warning(request, f"The marking by “{found.key}” is {found.get_state_display().lower()} already.")
    return redirect("run_graders", pk)


@editor_required
@require_POST
def go_on(request: HttpRequest, pk: int, regrading: int) -> HttpResponse:
    found = get_object_or_404(find_run(request, pk).regradings, pk=regrading)
    if found.queue():
        AuditEntry.objects.record(request.user, AuditEntry.Action.REGRADING_STARTED, found)
    else:
        messages.warning(request, f"The marking by “{found.key}” is {found.get_state_display().lower()}.")
    return redirect("run_graders", pk)


def _options(data, run: Run | None = None) -> OptionsForm:
    """Of the grader named there, or of the run's own: often it is an option that one wants to change."""
    name = data.get("grader", "")
    own = run.config["grader"] if run else {"name": graders.names()[0], "params": {}}
    plugin = graders.get(name if name in graders.names() else own["name"])
    params = own["params"] if plugin.name == own["name"] else None
    return OptionsForm(plugin, data, prefix=f"grader-{plugin.name}", params=params)


def _render(request: HttpRequest, run: Run, form: OptionsForm) -> HttpResponse:
    found = graders_of(run)
    wanted = Between(request.GET)
    chosen = wanted.cleaned_data if wanted.is_valid() else {}
    keys = [each.key for each in found]
    before = chosen.get("before") or keys[0]
    after = chosen.get("after") or keys[-1]
    context = {
        "run": run,
        "graders": found,
        "keys": keys,
        "before": before,
        "after": after,
        "goes_on": any(each.regrading and each.regrading.goes_on for each in found),
        "grader": GraderForm({"grader": form.options.name}),
        "options": form,
    }
    if before != after:
        try:
            context["found"] = grade_flips(run, before, after)
        except InvalidInput as error:
            context["obstacle"] = str(error)
    return render(request, "runs/graders.html", context)
