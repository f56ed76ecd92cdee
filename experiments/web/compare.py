"""Comparing conditions of any runs; the address holds everything, so that a comparison can be shared."""

from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..domain.errors import InvalidInput
from ..models import Attempt, Condition
from ..reports.arms import METRICS, arms_called
from ..reports.audits import differences, warnings
from ..reports.compared_parts import flips, slices
from ..reports.comparison import Comparison, Wanted

OFFERED_CONDITIONS = 60


class View(forms.Form):
    """How the conditions are compared, out of the query string."""

    metric = forms.ChoiceField(label="By", choices=list(METRICS.items()), required=False)
    k = forms.IntegerField(label="k", min_value=1, required=False)
    verifier = forms.CharField(required=False, max_length=100)
    against = forms.CharField(required=False, max_length=300)


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """`?arm=12.model1-variant1&arm=13.model1-variant1`, or `?run=12` for all conditions of a run."""
    names = request.GET.getlist("arm") or _of_runs(request.GET.getlist("run"))
    form = View(request.GET)
    context = {"offered": _offered(names), "chosen": names, "form": form}
    if not names:
        return render(request, "compare/compare.html", context)
    try:
        if not form.is_valid():
            raise InvalidInput("; ".join(f"{name}: {' '.join(errors)}" for name, errors in form.errors.items()))
        wanted = form.cleaned_data
        comparison = Comparison(arms_called(names), Wanted(wanted["metric"] or "mean", wanted["k"], wanted["verifier"] or None))
    except InvalidInput as error:
        return render(request, "compare/compare.html", {**context, "obstacle": str(error)}, status=400 if len(names) > 1 else 200)
    pair = comparison.pair_with(wanted["against"])
    results = {result.arm: result for result in comparison.results}
    outcomes = [results[arm].outcomes for arm in comparison.arms]
    context |= {
        "comparison": comparison,
        "pair": pair,
        "pairs": [
            (each, _query(request, arm=[each.first.name, *_others(names, each.first.name)], against=[each.second.name]))
            for each in comparison.pairs
        ],
        "results": [
            (each, _query(request, arm=[each.arm.name, *_others(names, each.arm.name)], against=[]))
            for each in comparison.results
        ],
        "differences": differences(comparison.arms),
        "warnings": list(warnings(comparison.arms, outcomes, len(comparison.problems), comparison.n_problems_in_all)),
        "flips": flips(comparison, pair),
        "slices": slices(comparison, pair),
    }
    return render(request, "compare/compare.html", context)


def _query(request: HttpRequest, **changes: list[str]) -> str:
    """The address's query with other values under some names."""
    query = request.GET.copy()
    query.pop("run", None)
    for name, values in changes.items():
        query.setlist(name, values)
    return query.urlencode()


def _others(names: list[str], first: str) -> list[str]:
    return [name for name in names if name != first]


def _of_runs(runs: list[str]) -> list[str]:
    wanted = [run for run in runs if run.isdecimal() and len(run) < 10]
    conditions = Condition.objects.filter(run__in=wanted).order_by("run_id", "position")
    return [f"{run}.{key}" for run, key in conditions.values_list("run_id", "key")]


def _offered(chosen: list[str]) -> list[dict]:
    """Conditions to choose from, of the newest runs first; those over the chosen conditions' data only, once one is chosen."""
    finished = Attempt.objects.filter(condition=OuterRef("pk"), state=Attempt.State.DONE)
    conditions = Condition.objects.filter(Exists(finished)).select_related("run__experiment").order_by("-run_id", "position")
    first = next((name.partition(".")[0] for name in chosen if name.partition(".")[0].isdecimal()), None)
    dataset = Condition.objects.filter(run=first).values_list("run__config__dataset__name", flat=True).first() if first else None
    if dataset is not None:
        conditions = conditions.filter(run__config__dataset__name=dataset)
    return [
        {
            "name": f"{each.run_id}.{each.key}",
            "label": each.label,
            "run": each.run,
            "dataset": each.run.config["dataset"]["name"],
            "is_chosen": f"{each.run_id}.{each.key}" in chosen,
        }
        for each in conditions[:OFFERED_CONDITIONS]
    ]
