"""A log of another tool is sent and becomes a finished run at once."""

import logging

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ..domain.errors import InvalidInput
from ..reports.findings import refresh
from ..runner.importing import import_log
from ..sources.logs.base import LARGEST_LOG
from .access import editor_required

log = logging.getLogger(__name__)


class LogForm(forms.Form):
    """The log and what it may not tell."""

    file = forms.FileField(label="Log", help_text=f"At most {LARGEST_LOG / 1e6:,.0f} MB; what wrote it is told by its content")
    model = forms.CharField(
        max_length=150, required=False, label="Model", help_text="Only where the log does not name it, as lm-evaluation-harness"
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_LOG:
            raise forms.ValidationError(f"The file is too large: at most {LARGEST_LOG / 1e6:,.0f} MB are read.")
        return file


@editor_required
@require_http_methods(["GET", "POST"])
def import_run(request: HttpRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = LogForm(*sent, use_required_attribute=False)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = import_log(file.read(), file.name, request.user, form.cleaned_data["model"])
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            _find(run.pk)
            messages.success(request, f"“{file.name}” is run {run.pk} with {run.n_samples:,} answers.")
            return redirect(run)
    return render(request, "runs/import.html", {"form": form})


def _find(run_id: int) -> None:
    """The answers are stored already: a study that fails at them takes nothing away."""
    try:
        refresh(run_id)
    except Exception:
        log.exception("The findings of the imported run %s could not be computed", run_id)
