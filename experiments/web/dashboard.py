"""The first page: what is under way, what was found last, and what to do next."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from ..models import Condition, Dataset, Experiment, Finding, LanguageModel, Run, User, Variant, clock
from ..reports.progress import progress
from .starting import STARTS


@dataclass(frozen=True)
class Step:
    """One thing that a first experiment needs. `n` is how many of it there are already."""

    title: str
    sentence: str
    n: int
    list_url: str
    next_url: str


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    now = clock.read()
    runs = Run.objects.visible_to(request.user)
    unfinished = runs.unfinished().select_related("experiment")[:12]
    context = {
        "starts": STARTS,
        "steps": (steps := _steps(request.user)),
        "following": next((step for step in steps if not step.n), None),
        "unfinished": [(run, progress(run, now)) for run in unfinished],
        "headlines": Finding.objects.filter(position=0, run__in=runs.values("pk"))
        .select_related("run__experiment")
        .order_by("-run_id")[:5],
        "stopped": runs.filter(state=Run.State.FAILED).select_related("experiment")[:3],
    }
    return render(request, "dashboard/dashboard.html", context)


def _steps(user: User) -> list[Step]:
    """The way to a first run, in its order; later the counts at the foot of the page."""
    return [
        _step("Datasets", "Problems with their answers: a file, or generated ones", Dataset.objects.latest_versions(), "dataset"),
        _step(
            "Prompt variants", "How a problem is put to the model; two wordings make a comparison", _current_variants(), "prompt"
        ),
        _step(
            "Models",
            "What answers: a GGUF file on this machine, or a remote endpoint",
            LanguageModel.objects.filter(archived=False),
            "language_model",
        ),
        _step(
            "Experiments",
            "The plan that brings them together",
            Experiment.objects.visible_to(user).filter(archived=False),
            "experiment",
        ),
        _step("Runs", "Open the experiment, press “Start a run”, and watch", Run.objects.visible_to(user), "run"),
        Step(
            "Conditions to compare",
            "Which wording is better, by how much, and is that more than chance?",
            n_comparable if (n_comparable := _n_comparable(user)) > 1 else 0,
            reverse("compare"),
            reverse("compare"),
        ),
    ]


def _n_comparable(user: User) -> int:
    """Conditions of runs that finished problems."""
    return Condition.objects.visible_to(user).filter(run__n_attempts_done__gt=0).count()


def _step(title: str, sentence: str, rows, resource: str) -> Step:
    next_names = {"dataset": "dataset_upload", "run": "experiments"}
    return Step(title, sentence, rows.count(), reverse(f"{resource}s"), reverse(next_names.get(resource, f"{resource}_new")))


def _current_variants():
    return Variant.objects.latest_versions().filter(prompt__archived=False)
