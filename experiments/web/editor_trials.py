"""“Try it” in the prompt editor: one sample, drawn by a worker and followed on the page; and what a prompt counts in tokens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from ..domain.errors import AssayError
from ..domain.types import Message
from ..inference.base import backends
from ..models import Prompt, Trial, Variant
from ..runner import placing, presence
from .access import editor_required
from .editor_columns import Column, entered_column, newest_of
from .editor_forms import BenchForm


def begin(request: HttpRequest, column: Column) -> tuple[Trial | None, str]:
    """(the trial that was asked for, why there is none)."""
    bench = BenchForm(request.POST)
    if not bench.is_valid():
        name, errors = next(iter(bench.errors.items()))
        return None, f"{name.replace('_', ' ').capitalize()}: {errors[0]}"
    problem, *_ = bench.chosen()
    entry = bench.model()
    if problem is None or entry is None:
        return None, "A trial needs a problem and a language model. Add a dataset or a model first."
    column.try_on(problem)
    if not column.messages_to_send:
        return None, column.obstacles[0] if column.obstacles else "There is nothing to send. Write a template first."
    if (why := bench.why_not_free()) and not bench.cleaned_data["accepts_cost"]:
        return None, f"{why} Tick “May cost money” to try it."
    return Trial.objects.request(
        entry,
        request.user,
        problem=problem,
        messages=[{"role": role, "content": text} for role, text in column.messages_to_send],
        decoding={"max_tokens": bench.value_of("max_tokens"), "temperature": bench.value_of("temperature")},
        seed=bench.value_of("seed"),
        grader=bench.value_of("grader") or "",
    ), ""


@editor_required
@require_POST
def try_it(request: HttpRequest, pk: int, variant_pk: int) -> HttpResponse:
    """Ask for one sample of what stands in the column; the answer follows it by itself."""
    prompt = get_object_or_404(Prompt, pk=pk)
    variant = get_object_or_404(Variant.objects.select_related("prompt"), prompt=prompt, pk=variant_pk)
    made, wrong = begin(request, entered_column(newest_of(variant), variant_pk, request))
    placing.place_after_commit()
    return render(request, "prompts/_editor_trial.html", {"wrong": wrong} if made is None else trial_context(made))


@require_POST
def tokens(request: HttpRequest, pk: int, variant_pk: int) -> HttpResponse:
    """What the filled-in prompt counts for the chosen language model."""
    variant = get_object_or_404(Variant.objects.select_related("prompt"), prompt=pk, pk=variant_pk)
    bench, column = BenchForm(request.POST), entered_column(newest_of(variant), variant_pk, request)
    entry = bench.model()
    column.try_on(bench.chosen()[0])
    context = {"entry": entry}
    if entry and column.messages_to_send:
        try:
            sent = tuple(Message(role, text) for role, text in column.messages_to_send)
            context["count"] = backends.build(entry.backend, entry.params).count_tokens(sent)
        except AssayError as error:
            context["wrong"] = str(error)
    return render(request, "prompts/_editor_tokens.html", context)


@require_GET
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is."""
    found = get_object_or_404(Trial.objects.select_related("language_model"), pk=pk, requested_by=request.user)
    return render(request, "prompts/_editor_trial.html", trial_context(found))


@require_POST
def stop_trial(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Trial, pk=pk, requested_by=request.user)
    found.cancel()
    return render(request, "prompts/_editor_trial.html", trial_context(found))


def trial_context(trial: Trial) -> dict:
    """What a trial's part of the page is drawn from."""
    waits = trial.state == Trial.State.QUEUED
    return {"trial": trial, "nobody_works": waits and not presence.any_alive()}
