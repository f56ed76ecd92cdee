"""A run's priority among its user's runs, where Celery places the work."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ..models import Run
from ..runner import placing
from .access import editor_required, find_run


class PriorityForm(forms.ModelForm):
    class Meta:
        model = Run
        fields = ["priority"]


def priority_context(run: Run) -> dict:
    """For the run's page. An embedded worker lets all runs take turns, so there is nothing to choose."""
    return {"priorities": Run.Priority.choices if placing.is_on() and not run.is_finished else ()}


@require_POST
@editor_required
def run_priority(request: HttpRequest, pk: int) -> HttpResponse:
    run = find_run(request, pk)
    form = PriorityForm(request.POST)
    if form.is_valid():
        run.prioritise(form.cleaned_data["priority"])
        messages.success(request, f"Run {pk} has {run.get_priority_display().lower()} priority among its user's runs.")
    else:
        messages.error(request, f"The priority was left as it is. {' '.join(form.errors['priority'])}")
    return redirect(run)
