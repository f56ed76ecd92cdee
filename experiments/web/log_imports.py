"""A file is sent and becomes a run at once: the archive of a run, or a log of another tool."""

import logging

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ..domain.errors import InvalidInput
from ..models import Run
from ..reports.findings import refresh
from ..runner.archives.reading import looks_like_an_archive
from ..runner.archives.restoring import restore_run
from ..runner.importing import import_log
from ..sources.logs.base import LARGEST_LOG
from .access import editor_required

log = logging.getLogger(__name__)


class LogForm(forms.Form):
    """The file and what it may not tell."""

    file = forms.FileField(label="File", help_text=f"At most {LARGEST_LOG / 1e6:,.0f} MB; its content tells what it is")
    model = forms.CharField(
        max_length=150, required=False, label="Model", help_text="Only where the log does not name it, as lm-evaluation-harness"
    )

    again = forms.BooleanField(
        required=False, label="Import an archive again", help_text="Also if its run is here already: as a run of its own"
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_LOG:
            raise forms.ValidationError(
                f"The file is too large: at most {LARGEST_LOG / 1e6:,.0f} MB are read. The command manage.py restore_run "
                "reads larger archives."
            )
        return file


@editor_required
@require_http_methods(["GET", "POST"])
def import_run(request: HttpRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = LogForm(*sent, use_required_attribute=False)
    if form.is_valid():
        try:
            return redirect(_import(request, **form.cleaned_data))
        except InvalidInput as error:
            form.add_error(None, str(error))
    return render(request, "runs/import.html", {"form": form})


def _import(request: HttpRequest, file, model: str, again: bool) -> Run:
    if looks_like_an_archive(file):
        restored = restore_run(file, request.user, again=again)
        run, notes = restored.run, restored.notes
    else:
        run, notes = import_log(file.read(), file.name, request.user, model), []
        _find(run.pk)
    messages.success(request, f"“{file.name}” is run {run.pk} with {run.n_samples:,} answers.")
    for note in notes:
        messages.info(request, note)
    return run


def _find(run_id: int) -> None:
    """The answers are stored already: a study that fails at them takes nothing away."""
    try:
        refresh(run_id)
    except Exception:
        log.exception("The findings of the imported run %s could not be computed", run_id)
