"""Pages of language models: what can be asked, with what it can do and where it is used."""

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..domain.errors import AssayError, InvalidInput
from ..inference.base import backends
from ..inference.memory import in_mib, n_free_bytes
from ..models import Experiment, LanguageModel, Run
from .access import editor_required
from .option_fields import in_words, shown_options
from .option_forms import OptionsForm
from .paging import page_by_key


class LanguageModelForm(forms.ModelForm):
    backend = forms.ChoiceField(label="Backend", help_text="What answers")

    class Meta:
        model = LanguageModel
        fields = ["name", "backend", "n_parameters"]
        labels = {"n_parameters": "Parameters"}
        help_texts = {"n_parameters": "Number of weights, for FLOPs; empty takes it from the model where it tells"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fields["backend"].choices = backends.choices()


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    archived = "archived" in request.GET
    rows = LanguageModel.objects.filter(archived=archived)
    rows = rows.annotate(n_experiments=Count("experiments", distinct=True))
    context = {"page": page_by_key(rows, request.GET), "archived": archived, "backends": dict(backends.choices())}
    return render(request, "language_models/list.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(LanguageModel, pk=pk)
    context = {
        "entry": entry,
        "experiments": Experiment.objects.filter(language_models=entry, archived=False)[:20],
        "runs": Run.objects.filter(conditions__language_model=entry).distinct().select_related("experiment")[:20],
    }
    try:
        backend = backends.build(entry.backend, entry.params)
        context |= {"backend": backend, "options": shown_options(type(backend), entry.params)}
        backend.check()
        known = backend.fingerprint()
        context |= {
            "fingerprint": [(name, in_words(value)) for name, value in known.items()],
            "capabilities": sorted(backend.capabilities),
            "measurements": [(name.replace("_", " "), in_words(value)) for name, value in backend.measurements().items()],
        }
        if plan := backend.memory_plan():
            context["memory"] = {name: in_mib(size) for name, size in [*plan.parts.items(), ("together", plan.n_bytes)]}
            context["free_memory"] = in_mib(n_free_bytes())
    except AssayError as error:
        context["obstacle"] = str(error)
    return render(request, "language_models/detail.html", context)


@editor_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = LanguageModelForm(request.POST or None, initial={"backend": _first_backend()})
    chosen = form["backend"].value()
    plugin = backends.get(chosen if chosen in backends.names() else _first_backend())
    options_form = OptionsForm(plugin, request.POST or None, prefix=f"backend-{plugin.name}")
    wants_saving = request.method == "POST" and "show" not in request.POST
    if wants_saving and all([form.is_valid(), options_form.is_valid()]):
        try:
            backend = backends.build(plugin.name, options_form.params)
            backend.check()
            known = backend.fingerprint()
        except AssayError as error:
            form.add_error(None, str(error))
        else:
            form.instance.params = options_form.params
            form.instance.n_parameters = form.instance.n_parameters or known.get("n_parameters")
            entry = form.save()
            messages.success(request, f"“{entry}” can be asked now.")
            return redirect(entry)
    return render(request, "language_models/new.html", {"form": form, "options": options_form})


@editor_required
@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """The fieldset that fits the backend just chosen in the menu."""
    try:
        plugin = backends.get(request.GET.get("backend", ""))
    except InvalidInput as error:
        raise Http404(str(error)) from None
    return render(request, "_options.html", {"form": OptionsForm(plugin, prefix=f"backend-{plugin.name}")})


@editor_required
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide the model from menus and lists, or bring it back."""
    entry = get_object_or_404(LanguageModel, pk=pk)
    entry.archived = "restore" not in request.POST
    entry.save(update_fields=["archived"])
    messages.success(request, f"“{entry}” is {'archived; past runs keep it.' if entry.archived else 'back in the list.'}")
    return redirect(entry)


def _first_backend() -> str:
    return backends.names()[0]
