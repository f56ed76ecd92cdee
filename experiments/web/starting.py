"""From a question on the first page to a run: what would be asked, how long it would take, and the button that starts it."""

from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ..domain.errors import AssayError
from ..graders.base import graders
from ..models import Experiment
from ..runner.expected import expectation
from ..runner.laying_out import lay_out
from ..runner.planning import create_run, decoding_from
from ..runner.presets import load_preset, names
from ..runner.size import size_of
from ..studies.base import studies
from .access import editor_required, find_experiment


class Start(NamedTuple):
    """A question that the preset of that name answers."""

    preset: str
    question: str
    sentence: str


STARTS = [
    Start(
        "demo",
        "Does the answer get better with more samples?",
        "Sums, asked 16 times each: one answer, the vote of several, the best of several.",
    ),
    Start(
        "brevity",
        "Does asking for brevity cost accuracy?",
        "The same questions with and without a limit of ten words, and with a sentence that asks for nothing.",
    ),
    Start(
        "format_spread",
        "Does the result survive another format?",
        "Multiple choice in 40 formats that mean the same: other labels, other separators, other cases.",
    ),
    Start(
        "strategies",
        "What is the best way to spend tokens?",
        "Voting, searching and refining, each against best-of-N at equal cost.",
    ),
    Start(
        "cot_or_direct",
        "Does it help to think step by step?",
        "The same sums with and without reasoning, compared problem by problem.",
    ),
    Start(
        "posix",
        "Does it matter which wording is asked?",
        "Prompts of the same meaning, misspelt or wrapped: how far an answer's probability moves.",
    ),
    Start(
        "perturbations",
        "Do typing errors in the question matter?",
        "The same questions clean and with noise, beside what chance alone does.",
    ),
    Start(
        "structured_output",
        "Can a program read the replies?",
        "Sums answered as JSON: right and valid at once, in five ways of asking.",
    ),
    Start(
        "concise_hint",
        "Do reminders to be brief work?",
        "Hints given while the model is writing, beside hints that ask for nothing.",
    ),
    Start(
        "distractors",
        "Do texts that do not help distract?",
        "Random documents or an irrelevant chat before the question.",
    ),
    Start(
        "rest",
        "May several problems go into one prompt?",
        "One, two and four sums at once, by position.",
    ),
    Start(
        "stress",
        "Does pressure help?",
        "A system message without stress, and with more and more of it.",
    ),
    Start(
        "step_length",
        "Do longer worked examples help?",
        "The same examples with shorter and longer workings, right, wrong and off the topic.",
    ),
    Start(
        "cdct",
        "Do answers keep to a rule when less is told?",
        "Texts at five lengths: how long the answers are; whether they keep to the text takes a jury.",
    ),
]


class Share(forms.Form):
    """How much of the plan to do."""

    problems = forms.IntegerField(label="Problems", min_value=1, max_value=1_000_000)


@editor_required
@require_POST
def choose(request: HttpRequest, preset: str) -> HttpResponse:
    """Make the question's experiment where it is not there yet, and show what it would do."""
    if preset not in names():
        raise Http404(f"No experiment that is ready to run is called {preset}.")
    return redirect("experiment_begin", load_preset(preset).pk)


@editor_required
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """What a run of the experiment will do; posted, it starts. How many problems it takes may be changed on the way."""
    experiment = find_experiment(request, pk, "dataset")
    known = min(experiment.dataset.n_problems, experiment.max_problems or experiment.dataset.n_problems)
    form = Share(request.POST or request.GET or {"problems": known})
    if form.is_valid() and form.cleaned_data["problems"] != known:
        experiment.max_problems = form.cleaned_data["problems"]
    if request.method == "POST" and form.is_valid():
        try:
            run = create_run(experiment, request.user)
        except AssayError as error:
            messages.error(request, f"Not started. {error}")
        else:
            experiment.save(update_fields=["max_problems"])
            return redirect(run)
    question = next((start.question for start in STARTS if start.preset == experiment.name), "")
    context = {"experiment": experiment, "question": question, "form": form, **_plan(experiment)}
    return render(request, "starting/begin.html", context)


def _plan(experiment: Experiment) -> dict:
    """What would run, or why it cannot."""
    try:
        study = studies.build(experiment.study, experiment.study_params)
        decoding = decoding_from(experiment.decoding)
        entries = list(experiment.language_models.order_by("name"))
        variants = [str(variant) for variant in experiment.variants.select_related("prompt")]
        size = size_of(experiment)
        return {
            "study": study,
            "conditions": [spec.label for spec in lay_out(study, [entry.name for entry in entries], variants, decoding)],
            "language_models": entries,
            "decoding": decoding,
            "grader": graders.get(experiment.grader),
            "example": experiment.dataset.problems.order_by("position").first(),
            "size": size,
            "expectation": expectation(experiment, size),
        }
    except AssayError as error:
        return {"obstacle": str(error)}
