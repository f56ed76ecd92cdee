"""Downloads of a run, and the page that explains what is in them."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..domain.errors import InvalidInput
from ..models import AuditEntry, Run
from ..reports.download import ENDINGS, FIGURE_FORMATS, download, download_figure, download_pieces, file_name
from ..reports.export_columns import COLUMNS
from ..runner.archives.writing import Writing
from .access import find_run

#: Everything of the run in one file.
ARCHIVE = "archive"


class ExportForm(forms.Form):
    """What to download, out of the query string."""

    format = forms.ChoiceField(choices=[(name, name) for name in (*ENDINGS, ARCHIVE)])
    bom = forms.BooleanField(required=False)


@require_GET
def run_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The download that `?format=` asks for; without one, the page to choose from."""
    run = find_run(request, pk)
    form = ExportForm(request.GET)
    trouble = ""
    if form.is_valid():
        try:
            return _file(request, run, **form.cleaned_data)
        except InvalidInput as error:
            trouble = str(error)
    elif unknown := request.GET.get("format"):
        trouble = f"Unknown export format “{unknown}”. Known: {', '.join((*ENDINGS, ARCHIVE))}."
    context = {"run": run, "columns": COLUMNS, "trouble": trouble}
    return render(request, "exports/run_export.html", context, status=400 if trouble else 200)


def _file(request: HttpRequest, run: Run, format: str, bom: bool) -> HttpResponseBase:
    pieces = Writing(run).pieces() if format == ARCHIVE else None
    AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, run, format=format)
    if pieces is None:
        return download(run, format, bom=bom)
    return download_pieces(pieces, "application/zip", file_name(run, "archive.zip"))


class FigureForm(forms.Form):
    """Which figure to download, out of the query string."""

    key = forms.CharField(max_length=100)
    format = forms.ChoiceField(choices=[(name, name) for name in FIGURE_FORMATS])


@require_GET
def figure_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`?key=` names a finding; its figure as `?format=` says."""
    run = find_run(request, pk)
    form = FigureForm(request.GET)
    response = download_figure(run, **form.cleaned_data) if form.is_valid() else None
    if response is None:
        known = ", ".join(FIGURE_FORMATS)
        raise Http404(f"Run {pk} has no such figure. Give the key of a finding with a figure, and a format: {known}.")
    AuditEntry.objects.record(
        request.user, AuditEntry.Action.EXPORTED, run, figure=form.cleaned_data["key"], format=form.cleaned_data["format"]
    )
    return response
