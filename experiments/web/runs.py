"""Runs: the list, the live page of one, and an attempt's texts. What a page shows is made in `reports`."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..inference.base import backends
from ..models import Condition, Run, clock, steering
from ..reports.attempt_samples import asked_question, rendered_prompt, samples_page
from ..reports.cards import PLACES, wall
from ..reports.changes import head
from ..reports.drawings import drawing_of, drawn_attempt
from ..reports.problem_rows import FILTERS, attempts_page, problem_rows
from ..reports.progress import progress
from ..reports.shown_figures import shown_figures
from ..reports.standing import standing
from ..reports.troubles import troubles_of
from ..runner import placing
from . import lists
from .access import editor_required, find_run
from .priorities import priority_context

ROWS_PER_PAGE = 40
SAMPLES_PER_PAGE = 100
_LARGEST_KEY = 2**53


class Place(forms.Form):
    """Where in a run a list starts, out of the query string. What cannot be read means the beginning."""

    after = forms.IntegerField(required=False, min_value=0, max_value=_LARGEST_KEY)
    filter = forms.ChoiceField(required=False, choices=[(name, name) for name in FILTERS])

    @classmethod
    def of(cls, request: HttpRequest) -> dict:
        place = cls(request.GET)
        place.is_valid()
        return place.cleaned_data


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """Newest first, unless the address says otherwise."""
    return render(request, "runs/runs.html", {"list": lists.RUNS.show(request, lists.runs(request.user))})


@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The page as of now; `live.js` keeps it so."""
    # The cursor is read first: what is stored while the page renders is then sent once more rather than missed.
    cursor = head(pk)
    run = find_run(request, pk, "started_by")
    now = clock.read()
    findings = list(run.findings.all())
    conditions = list(run.conditions.select_related("language_model", "variant__prompt"))
    context = {
        "run": run,
        "cursor": cursor,
        "standing": standing(run, now),
        "progress": progress(run, now),
        "findings": findings,
        "figures": shown_figures(findings),
        "places": _places(run),
        **priority_context(run),
        **_drawing(run),
        "socket": f"/ws/runs/{pk}/",
        "is_remote": _is_remote(conditions),
        "conditions": conditions,
        **_rows(run, request),
    }
    return render(request, "runs/run.html", context)


@require_GET
def run_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The next problem rows, for “load more”."""
    run = find_run(request, pk)
    return render(request, "runs/_problem_rows.html", {"run": run, **_rows(run, request)})


@require_GET
def attempt(request: HttpRequest, pk: int, attempt: int) -> HttpResponse:
    """Every text of one attempt, in the order they were asked for."""
    run = find_run(request, pk)
    found = get_object_or_404(run.attempts.select_related("problem", "condition"), pk=attempt)
    after = Place.of(request).get("after")
    question = asked_question(run, found)
    samples, has_more = samples_page(run, found, -1 if after is None else after, SAMPLES_PER_PAGE)
    context = {
        "run": run,
        "attempt": found,
        "row": problem_rows(run, [found])[0],
        "prompt": rendered_prompt(question),
        "edits": question.edits,
        "drawing": drawing_of(run, found),
        "samples": samples,
        "troubles": troubles_of(found),
        "next_after": samples[-1].sample.index if has_more else None,
        "after": after,
        "previous": run.attempts.filter(position=found.position - 1).first(),
        "following": run.attempts.filter(position=found.position + 1).first(),
    }
    return render(request, "runs/attempt.html", context)


@require_POST
@editor_required
def run_pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _moved(request, pk, steering.pause, "paused")


@require_POST
@editor_required
def run_resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _moved(request, pk, steering.resume, "resumed")


@require_POST
@editor_required
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _moved(request, pk, steering.cancel, "cancelled")


def _moved(request: HttpRequest, pk: int, verb, word: str) -> HttpResponse:
    run = find_run(request, pk)
    if not verb(request.user, run):
        messages.warning(request, f"Run {run.pk} cannot be {word}: it is {run.get_state_display().lower()}.")
    placing.place_after_commit()
    return redirect(run)


def _is_remote(conditions: list[Condition]) -> bool:
    """Whether any of their models may cost money."""
    used = {condition.language_model.backend for condition in conditions}
    return any(name in backends.names() and backends.get(name).is_remote for name in used)


def _drawing(run: Run) -> dict:
    """A tree or chains of the run to look at; live.js swaps in what comes after."""
    shown = drawn_attempt(run)
    return {"drawing": shown and drawing_of(run, shown, brief=True), "brief": True}


def _places(run: Run) -> list:
    """A card or None for every place of the wall."""
    cards = {card.place: card for card in wall(run)}
    return [(place, cards.get(place)) for place in range(PLACES)]


def _rows(run: Run, request: HttpRequest) -> dict:
    place = Place.of(request)
    chosen = place.get("filter") or FILTERS[0]
    attempts, next_after = attempts_page(run, place.get("after"), ROWS_PER_PAGE, chosen)
    return {
        "rows": problem_rows(run, attempts),
        "next_after": next_after,
        "chosen": chosen,
        "filters": [(name, name.replace("_", " ")) for name in FILTERS],
        "starts_after": place.get("after"),
    }
