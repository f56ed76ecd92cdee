"""The first page: what is running, what was found, what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..models import Dataset, Experiment, Finding, LanguageModel, Prompt, Run


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    counts = {
        "datasets": Dataset.objects.latest_versions().count(),
        "prompts": Prompt.objects.filter(archived=False).count(),
        "language_models": LanguageModel.objects.filter(archived=False).count(),
        "experiments": Experiment.objects.filter(archived=False).count(),
        "runs": Run.objects.count(),
    }
    context = {
        "counts": counts,
        "unfinished": Run.objects.unfinished().select_related("experiment")[:10],
        "headlines": Finding.objects.filter(position=0).select_related("run__experiment").order_by("-run_id")[:5],
    }
    return render(request, "dashboard/dashboard.html", context)
