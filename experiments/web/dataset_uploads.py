"""A file becomes a dataset in two steps: it is sent and shown first, and saved when it looks right."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ..domain.errors import InvalidInput
from ..sources.base import sources
from ..sources.files import Preview
from . import uploads
from .access import editor_required
from .dataset_forms import FileForm, NameForm, source_form
from .option_forms import OptionsForm


@editor_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = uploads.keep(request.session, form.cleaned_data["file"], form.cleaned_data["source"])
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            return redirect("dataset_preview", kept.token)
    return render(request, "datasets/upload.html", {"form": form})


@editor_required
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """How the file would be read. The button “Save” stores it; every other POST reads it again with other options."""
    kept = uploads.find(request.session, token)
    if kept is None:
        messages.warning(request, "This upload is gone: it was saved, discarded, or is older than a day. Send the file again.")
        return redirect("dataset_upload")
    data = request.POST or None
    initial = {"name": kept.file_name.rpartition(".")[0], **request.POST.dict()}
    names = NameForm(data if "save" in request.POST else None, initial=initial)
    options = source_form(sources.get(kept.source), data)
    shown, trouble = None, ""
    try:
        params = options.params if options.is_valid() else {}
        source = sources.build(kept.source, params)
        shown = source.preview(str(kept.path))
        if "save" in request.POST and names.is_valid() and not options.errors:
            dataset = names.store(source.problems(str(kept.path)), kept.source, params, request.user)
            uploads.discard(request.session, kept)
            messages.success(request, f"“{dataset}” is saved with {dataset.n_problems} problems.")
            return redirect(dataset)
    except InvalidInput as error:
        trouble = str(error)
    context = {"upload": kept, "names": names, "options": _with_menus(options, shown), "preview": shown}
    return render(request, "datasets/preview.html", context | {"trouble": trouble or (shown.trouble if shown else "")})


@editor_required
@require_POST
def discard(request: HttpRequest, token: str) -> HttpResponse:
    if kept := uploads.find(request.session, token):
        uploads.discard(request.session, kept)
    return redirect("datasets")


def _with_menus(options: OptionsForm, preview: Preview | None) -> OptionsForm:
    """The columns' names are chosen from the file's own; what was guessed is chosen already."""
    if preview is None:
        return options
    for role, column in preview.mapping.items():
        name = f"{role}_column"
        choices = [("", "none"), *((each, each) for each in preview.columns)]
        old = options.fields[name]
        options.fields[name] = forms.ChoiceField(label=old.label, choices=choices, initial=column, required=False)
    return options
