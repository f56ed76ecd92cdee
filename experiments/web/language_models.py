"""Pages of language models: what can be asked, with what it can do and where it is used."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..domain.errors import AssayError, InvalidInput
from ..inference.base import backends
from ..inference.memory import in_mib, n_free_bytes
from ..models import Experiment, LanguageModel, Run, steering
from . import lists
from .access import editor_required
from .language_model_forms import BackendForm, LanguageModelEditor, filled_in
from .measurements import measurement_context
from .option_fields import in_words, shown_groups
from .remote_models import truth_context


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request, "language_models/list.html", {"list": lists.LANGUAGE_MODELS.show(request, lists.language_models(request.user))}
    )


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(LanguageModel, pk=pk)
    context = {
        "entry": entry,
        "experiments": Experiment.objects.visible_to(request.user).filter(language_models=entry, archived=False)[:20],
        "runs": Run.objects.visible_to(request.user)
        .filter(conditions__language_model=entry)
        .distinct()
        .select_related("experiment")[:20],
    }
    try:
        backend = backends.build(entry.backend, entry.params).told(entry.truth)
        context |= {"backend": backend, "option_groups": shown_groups(type(backend), entry.params)}
        backend.check()
        known = backend.fingerprint()
        context |= {
            "fingerprint": [(name, in_words(value)) for name, value in known.items()],
            "capabilities": sorted(backend.capabilities),
            "way_of_asking": backend.way_of_asking(),
            "about_file": backend.about_file(),
        }
        if plan := backend.memory_plan():
            context["memory"] = {name: in_mib(size) for name, size in [*plan.parts.items(), ("together", plan.n_bytes)]}
            context |= {"free_memory": in_mib(n_free_bytes()), **measurement_context(entry)}
    except AssayError as error:
        context["obstacle"] = str(error)
    if backends.get(entry.backend).is_remote:
        context |= truth_context(entry)
    return render(request, "language_models/detail.html", context)


@editor_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@editor_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(LanguageModel, pk=pk))


def _edit(request: HttpRequest, entry: LanguageModel | None) -> HttpResponse:
    editor = LanguageModelEditor(request.user, request.POST or None, entry)
    wants_saving = request.method == "POST" and "show" not in request.POST
    if wants_saving and (saved := editor.save()):
        names = ", ".join(f"“{each}”" for each in saved)
        messages.success(request, f"{names} can be asked now.")
        for note in editor.notes:
            messages.warning(request, note)
        return redirect(saved[0] if len(saved) == 1 else "language_models")
    return render(request, "language_models/edit.html", {"editor": editor, "entry": entry})


@editor_required
@require_http_methods(["GET", "POST"])
def options(request: HttpRequest) -> HttpResponse:
    """The fieldset that fits the backend just chosen in the menu, or, posted, the preset just chosen in the fieldset."""
    chosen = request.POST if request.method == "POST" else request.GET
    try:
        plugin = backends.get(chosen.get("backend", ""))
    except InvalidInput as error:
        raise Http404(str(error)) from None
    form = filled_in(plugin, request.POST) if request.method == "POST" else BackendForm(plugin)
    return render(request, "language_models/_backend_options.html", {"form": form})


@editor_required
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide the model from menus and lists, or bring it back."""
    entry = get_object_or_404(LanguageModel, pk=pk)
    steering.archive(request.user, entry, "restore" not in request.POST)
    messages.success(request, f"“{entry}” is {'archived; past runs keep it.' if entry.archived else 'back in the list.'}")
    return redirect(entry)
