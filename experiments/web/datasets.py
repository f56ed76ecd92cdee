"""Pages of datasets: the list, one version with its problems, and making one from a source that generates."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ..domain.errors import InvalidInput
from ..models import Dataset
from ..sources.base import Source, sources
from . import lists
from .access import editor_required
from .dataset_forms import NameForm, source_form
from .option_fields import shown_options

PROBLEMS_PER_PAGE = 50


class After(forms.Form):
    """Where in a dataset the list of problems goes on."""

    after = forms.IntegerField(min_value=0, max_value=2**53, required=False)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    context = {
        "list": lists.DATASETS.show(request, lists.datasets(request.user)),
        "generators": [(source.name, source.label) for source in _generators()],
    }
    return render(request, "datasets/list.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset.objects.select_related("author"), pk=pk)
    form = After(request.GET)
    after = form.cleaned_data["after"] if form.is_valid() else None
    problems = dataset.problems.order_by("position")
    if after is not None:
        problems = problems.filter(position__gt=after)
    rows = list(problems[: PROBLEMS_PER_PAGE + 1])
    context = {
        "dataset": dataset,
        "problems": rows[:PROBLEMS_PER_PAGE],
        "next_after": rows[PROBLEMS_PER_PAGE - 1].position if len(rows) > PROBLEMS_PER_PAGE else None,
        "after": after,
        "versions": Dataset.objects.filter(name=dataset.name).order_by("-version"),
        "experiments": dataset.experiments.visible_to(request.user).filter(archived=False)[:20],
        "source_options": _source_options(dataset),
    }
    return render(request, "datasets/detail.html", context)


@editor_required
@require_http_methods(["GET", "POST"])
def generate(request: HttpRequest, name: str) -> HttpResponse:
    """Problems out of a source that needs no file, with the source's own options as the form."""
    source = next((each for each in _generators() if each.name == name), None)
    if source is None:
        raise Http404(f"No source that generates problems is called {name}.")
    data = request.POST or None
    names = NameForm(data)
    options = source_form(source, data or request.GET)
    if request.htmx:
        return render(request, "_options.html", {"form": options})
    wants_saving = request.method == "POST" and "show" not in request.POST
    if wants_saving and all([names.is_valid(), options.is_valid()]):
        try:
            drafts = sources.build(source.name, options.params).problems()
            dataset = names.store(drafts, source.name, options.params, request.user)
        except InvalidInput as error:
            names.add_error(None, str(error))
        else:
            return redirect(dataset)
    return render(request, "datasets/generate.html", {"label": source.label, "names": names, "options": options})


def _generators() -> list[type[Source]]:
    return [source for source in sources if not source.needs_file]


def _source_options(dataset: Dataset) -> list[tuple[str, str]]:
    """How it was made; a source that is not installed any more still shows what was stored."""
    try:
        return shown_options(sources.get(dataset.source), dataset.source_params)
    except InvalidInput:
        return list(dataset.source_params.items())
