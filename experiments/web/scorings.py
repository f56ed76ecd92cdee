"""The verifiers of a run: what they came to, another one over the same answers, and which choices change."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..domain.errors import AssayError, InvalidInput
from ..models import AuditEntry, Run
from ..reports.verifier_flips import verifier_flips
from ..reports.verifier_standings import verifier_standings
from ..runner.scorings import begin_scoring
from ..verifiers.base import verifiers
from .access import editor_required, find_run
from .option_forms import OptionsForm

SHOWN_FLIPS = 100


class VerifierForm(forms.Form):
    """Which verifier to score a run by."""

    verifier = forms.ChoiceField(label="Verifier", help_text="Its scores are added; nothing that is stored changes")

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["verifier"].choices = verifiers.choices()


class Against(forms.Form):
    """Which verifier's choices to compare with, out of the query string."""

    against = forms.CharField(required=False, max_length=100)


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of its own, or for htmx the card on the run's page."""
    run = find_run(request, pk)
    return _render(request, run, _options(request.GET))


@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """The options of the verifier just chosen in the menu."""
    return render(request, "_options.html", {"form": _options(request.GET)})


@editor_required
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a scoring; without scripts, first show the options of the verifier that was chosen."""
    run = find_run(request, pk)
    form = _options(request.POST)
    if "show" in request.POST or not form.is_valid():
        return _render(request, run, form)
    try:
        scoring = begin_scoring(run, request.POST["verifier"], form.params, request.user)
        messages.success(request, f"Run {pk} is scored by “{scoring.key}” in the background.")
    except AssayError as error:
        messages.error(request, f"Not scored. {error}")
    return redirect("run_verifiers", pk)


@editor_required
@require_POST
def cancel(request: HttpRequest, pk: int, scoring: int) -> HttpResponse:
    found = get_object_or_404(find_run(request, pk).scorings, pk=scoring)
    if found.cancel():
        AuditEntry.objects.record(request.user, AuditEntry.Action.SCORING_STOPPED, found)
    else:
        messages.warning(request, f"The scoring by “{found.key}” is {found.get_state_display().lower()} already.")
    return redirect("run_verifiers", pk)


@editor_required
@require_POST
def go_on(request: HttpRequest, pk: int, scoring: int) -> HttpResponse:
    found = get_object_or_404(find_run(request, pk).scorings, pk=scoring)
    if found.queue():
        AuditEntry.objects.record(request.user, AuditEntry.Action.SCORING_STARTED, found)
    else:
        messages.warning(request, f"The scoring by “{found.key}” is {found.get_state_display().lower()}.")
    return redirect("run_verifiers", pk)


@require_GET
def flips(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Problem by problem, where this verifier chooses another sample than a second one does."""
    run = find_run(request, pk)
    if key not in run.verifier_keys:
        raise Http404(f"Run {pk} was not scored by {key}.")
    others = [each for each in run.verifier_keys if each != key]
    wanted = Against(request.GET)
    against = (wanted.is_valid() and wanted.cleaned_data["against"]) or (others[0] if others else "")
    context = {"run": run, "key": key, "others": others, "against": against}
    try:
        found = verifier_flips(run, against, key)
        context |= {"found": found, "flips": found.flips[:SHOWN_FLIPS], "n_more": max(0, len(found.flips) - SHOWN_FLIPS)}
    except InvalidInput as error:
        context["obstacle"] = str(error)
    return render(request, "runs/flips.html", context)


def _options(data) -> OptionsForm:
    """Of the verifier named there, or of the first."""
    name = data.get("verifier", "")
    plugin = verifiers.get(name if name in verifiers.names() else verifiers.names()[0])
    return OptionsForm(plugin, data, prefix=f"verifier-{plugin.name}")


def _render(request: HttpRequest, run: Run, form: OptionsForm) -> HttpResponse:
    standings = verifier_standings(run)
    context = {
        "run": run,
        "standings": standings,
        "goes_on": any(each.scoring and each.scoring.goes_on for each in standings),
        "verifier": VerifierForm({"verifier": form.options.name}),
        "options": form,
        "is_alone": not request.htmx,
    }
    return render(request, "runs/_verifiers.html" if request.htmx else "runs/verifiers.html", context)
