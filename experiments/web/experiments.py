"""Pages of experiments: the plans, their editing, and the button that starts a run."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..domain.errors import AssayError, InvalidInput, UnknownName
from ..domain.registry import Registry
from ..domain.types import Decoding
from ..graders.base import graders
from ..models import Experiment, Run, User, steering
from ..models.sharing import may_share
from ..runner.estimate import PILOT_PROBLEMS, estimate_run, start_pilot, ways_of_asking
from ..runner.planning import create_run
from ..runner.size import size_of
from ..studies.base import studies
from ..verifiers.base import verifiers
from . import lists
from .access import editor_required, find_experiment
from .experiment_forms import FAMILIES, BeginningForm, ExperimentEditor
from .option_fields import shown_options
from .option_forms import OptionsForm
from .sharing import SharingForm


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "experiments/list.html", {"list": lists.EXPERIMENTS.show(request, lists.experiments(request.user))})


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    experiment = find_experiment(request, pk, "dataset", "owner", "team")
    context = {
        "experiment": experiment,
        "variants": experiment.variants.select_related("prompt"),
        "study": _in_words(studies, experiment.study, experiment.study_params),
        "grader": _in_words(graders, experiment.grader, experiment.grader_params),
        "decoding_options": shown_options(Decoding, experiment.decoding),
        "verifiers": [_in_words(verifiers, each["name"], each.get("params", {})) for each in experiment.verifiers],
        "runs": experiment.runs.select_related("started_by")[:20],
        "sharing": SharingForm(request.user, experiment) if may_share(request.user, experiment) else None,
    }
    try:
        context["size"] = size_of(experiment)
    except InvalidInput as error:
        context["obstacle"] = str(error)
    return render(request, "experiments/detail.html", context)


@require_GET
def estimate(request: HttpRequest, pk: int) -> HttpResponse:
    """What a run will take in tokens and money; the experiment's page asks for it once it is there."""
    experiment = find_experiment(request, pk)
    context: dict = {"experiment": experiment, "pilot_problems": PILOT_PROBLEMS}
    try:
        context["estimate"] = estimate_run(experiment)
        context["ways_of_asking"] = ways_of_asking(experiment)
    except AssayError as error:
        context["obstacle"] = str(error)
    return render(request, "experiments/_estimate.html", context)


def _in_words(family: Registry, name: str, params: dict) -> dict:
    """The plug-in's label and options; one that is not installed any more still shows what was stored."""
    try:
        plugin = family.get(name)
    except UnknownName:
        return {"label": name, "options": list(params.items())}
    return {"label": plugin.label, "options": shown_options(plugin, params), "address": name}


@editor_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@editor_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, find_experiment(request, pk))


def _edit(request: HttpRequest, experiment: Experiment | None) -> HttpResponse:
    initial = {key: request.GET[key] for key in ("dataset", "variants", "language_models", "grader") if key in request.GET}
    editor = ExperimentEditor(request.POST or None, experiment or BeginningForm(request.GET).plan(), initial)
    wants_saving = request.method == "POST" and "show" not in request.POST
    if wants_saving and editor.is_valid() and (saved := editor.save(request.user)):
        messages.success(request, f"“{saved}” is saved.")
        return redirect(saved)
    return render(request, "experiments/edit.html", {"editor": editor, "experiment": experiment})


@editor_required
@require_POST
def size(request: HttpRequest) -> HttpResponse:
    """How many samples the plan being edited would draw. Stores nothing."""
    try:
        context = {"size": ExperimentEditor(request.POST).size()}
    except InvalidInput as error:
        context = {"obstacle": str(error)}
    return render(request, "experiments/_size.html", context)


@editor_required
@require_GET
def options(request: HttpRequest, family: str) -> HttpResponse:
    """The fieldset that fits the plug-in just chosen in a menu."""
    if family not in FAMILIES:
        raise Http404(f"No menu is called {family}.")
    try:
        plugin = FAMILIES[family].get(request.GET.get(family, ""))
    except InvalidInput as error:
        raise Http404(str(error)) from None
    form = OptionsForm(plugin, prefix=f"{family}-{plugin.name}")
    return render(request, "_options.html", {"form": form})


@editor_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    return _begin(request, pk, create_run)


@editor_required
@require_POST
def pilot(request: HttpRequest, pk: int) -> HttpResponse:
    return _begin(request, pk, start_pilot)


def _begin(request: HttpRequest, pk: int, begin: Callable[[Experiment, User], Run]) -> HttpResponse:
    experiment = find_experiment(request, pk)
    try:
        return redirect(begin(experiment, request.user))
    except AssayError as error:
        messages.error(request, f"Not started. {error}")
        return redirect(experiment)


@editor_required
@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    copy = find_experiment(request, pk).duplicate(request.user)
    messages.success(request, f"This is the copy, “{copy}”. Change what you like and save.")
    return redirect("experiment_edit", copy.pk)


@editor_required
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide the experiment from the lists, or bring it back."""
    experiment = find_experiment(request, pk)
    steering.archive(request.user, experiment, "restore" not in request.POST)
    messages.success(request, f"“{experiment}” is {'archived; its runs stay.' if experiment.archived else 'back in the list.'}")
    return redirect(experiment)
