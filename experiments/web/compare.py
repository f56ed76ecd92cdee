"""Comparing conditions of any runs; the address holds everything, so that a comparison can be shared."""

from dataclasses import asdict

from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ..domain.errors import InvalidInput
from ..domain.wording import phrase_changes
from ..models import Attempt, Condition, ProblemMark, Run, User
from ..reports.arms import METRICS, Arm, arms_called
from ..reports.audits import differences, warnings
from ..reports.compared_costs import COSTS, frontier_figure, on_frontier
from ..reports.compared_pairs import CORRECTIONS
from ..reports.compared_parts import flips, slices
from ..reports.compared_texts import compared_samples
from ..reports.comparison import Comparison, Wanted
from ..reports.draw_variance import draw_variances
from ..reports.figures import figure_table, plotly_figure
from ..reports.label_doubts import LEFT_OUT, label_doubts, left_out, marked
from ..reports.metric_sides import disagreement, metric_sides
from ..studies.base import Figure, HeatMap

OFFERED_CONDITIONS = 60


class View(forms.Form):
    """How the conditions are compared, out of the query string."""

    metric = forms.ChoiceField(label="By", choices=list(METRICS.items()), required=False)
    k = forms.IntegerField(label="k", min_value=1, required=False)
    verifier = forms.CharField(required=False, max_length=100)
    correction = forms.ChoiceField(label="Correction for many comparisons", choices=list(CORRECTIONS.items()), required=False)
    cluster = forms.CharField(required=False, max_length=200)
    labels = forms.ChoiceField(label="Labels", choices=list(LEFT_OUT.items()), required=False)
    cost = forms.ChoiceField(label="Cost", choices=list(COSTS.items()), required=False)
    against = forms.CharField(required=False, max_length=300)

    def wanted(self, arms: list[Arm]) -> Wanted:
        """Raises InvalidInput naming what cannot be read."""
        if not self.is_valid():
            raise InvalidInput("; ".join(f"{name}: {' '.join(errors)}" for name, errors in self.errors.items()))
        chosen = self.cleaned_data
        return Wanted(
            metric=chosen["metric"] or "mean",
            k=chosen["k"],
            verifier=chosen["verifier"] or None,
            correction=chosen["correction"] or "holm",
            cluster=chosen["cluster"] or None,
            leave_out=left_out(arms, chosen["labels"]),
        )


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """`?arm=12.model1-variant1&arm=13.model1-variant1`, or `?run=12` for all conditions of a run."""
    names = arm_names(request)
    form = View(request.GET)
    context = {"offered": offered(names, request.user), "chosen": names, "form": form}
    if not names:
        return render(request, "compare/compare.html", context)
    try:
        arms = arms_called(names, request.user)
        comparison = Comparison(arms, form.wanted(arms))
    except InvalidInput as error:
        return render(request, "compare/compare.html", {**context, "obstacle": str(error)}, status=400 if len(names) > 1 else 200)
    pair = comparison.pair_with(form.cleaned_data["against"])
    results = {result.arm: result for result in comparison.results}
    outcomes = [results[arm].outcomes for arm in comparison.arms]
    sides = metric_sides(comparison)
    cost = form.cleaned_data["cost"] or "tokens"
    changed = flips(comparison, pair)
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
        "columns": _columns(comparison),
        "figure": drawn("frontier", frontier_figure(comparison, cost)),
        "on_frontier": on_frontier(comparison, cost),
        "sides": sides,
        "sides_in_words": disagreement(sides),
        "variances": draw_variances(comparison),
        "doubts": label_doubts(comparison),
        "differences": differences(comparison.arms),
        "warnings": list(warnings(comparison.arms, outcomes, len(comparison.problems), comparison.n_problems_in_all)),
        "flips": changed,
        "marks": marked(flip.identity for flip in changed),
        "kinds": ProblemMark.Kind.choices,
        "slices": slices(comparison, pair),
    }
    return render(request, "compare/compare.html", context)


@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """Two attempts at one problem, text by text with the words that differ: `?first=<attempt>&second=<attempt>`."""
    rows = Attempt.objects.filter(run__in=Run.objects.visible_to(request.user).values("pk"))
    rows = rows.select_related("problem", "condition", "run__experiment")
    first, second = (get_object_or_404(rows, pk=_number(request.GET.get(name))) for name in ("first", "second"))
    mine, other = compared_samples(first, second)
    context = {
        "first": first,
        "second": second,
        "mine": mine,
        "other": other,
        "changes": phrase_changes(mine.sample.prefix + mine.sample.text, other.sample.prefix + other.sample.text)
        if mine and other
        else [],
        "mark": marked([first.problem.identity]).get(first.problem.identity),
        "kinds": ProblemMark.Kind.choices,
    }
    return render(request, "compare/texts.html", context)


def drawn(key: str, figure: Figure | HeatMap) -> dict:
    """What `compare/_figure.html` draws."""
    stored = asdict(figure)
    return {
        "key": key,
        "title": figure.title,
        "names": [] if isinstance(figure, HeatMap) else [series.name for series in figure.series],
        "plot": plotly_figure(stored),
        "data_id": f"figure-data-{key}",
        "table": figure_table(stored),
    }


def arm_names(request: HttpRequest) -> list[str]:
    return request.GET.getlist("arm") or _of_runs(request.GET.getlist("run"), request.user)


def offered(chosen: list[str], user: User) -> list[dict]:
    """Conditions to choose from, of the newest runs first; those over the chosen conditions' data only, once one is chosen."""
    finished = Attempt.objects.filter(condition=OuterRef("pk"), state=Attempt.State.DONE)
    conditions = Condition.objects.visible_to(user).filter(Exists(finished)).order_by("-run_id", "position")
    first = next((name.partition(".")[0] for name in chosen if name.partition(".")[0].isdecimal()), None)
    of_first = Condition.objects.visible_to(user).filter(run=first) if first else Condition.objects.none()
    dataset = of_first.values_list("run__config__dataset__name", flat=True).first()
    if dataset is not None:
        conditions = conditions.filter(run__config__dataset__name=dataset)
    # Not the rows themselves: the plans of sixty runs are long.
    told = conditions.values_list(
        "run_id", "key", "label", "run__config__dataset__name", "run__experiment__name", "run__created_at"
    )
    return [
        {
            "name": f"{run}.{key}",
            "run": run,
            "label": label,
            "dataset": data,
            "experiment": experiment,
            "created_at": created_at,
            "is_chosen": f"{run}.{key}" in chosen,
        }
        for run, key, label, data, experiment, created_at in told[:OFFERED_CONDITIONS]
    ]


def _columns(comparison: Comparison) -> list[str]:
    """Of the data, by which problems may be clustered."""
    return sorted({name for problem in comparison.problems for name in comparison.asked(problem).metadata if name != "hidden"})


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 18 else 0


def _query(request: HttpRequest, **changes: list[str]) -> str:
    """The address's query with other values under some names."""
    query = request.GET.copy()
    query.pop("run", None)
    for name, values in changes.items():
        query.setlist(name, values)
    return query.urlencode()


def _others(names: list[str], first: str) -> list[str]:
    return [name for name in names if name != first]


def _of_runs(runs: list[str], user: User) -> list[str]:
    wanted = [run for run in runs if run.isdecimal() and len(run) < 10]
    conditions = Condition.objects.visible_to(user).filter(run__in=wanted).order_by("run_id", "position")
    return [f"{run}.{key}" for run, key in conditions.values_list("run_id", "key")]
