"""The interactive figure of a run: its whole state is the query string, so that every view of it can be shared."""

from dataclasses import replace
from itertools import groupby

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..reports.explored_figure import shown
from ..reports.explorers import explorer_of
from ..reports.exploring import Explorer, ExploreState
from .access import find_run


class ExploreForm(forms.Form):
    """What the explorer offers as fields. What is missing or cannot be read takes its usual value; the field says so."""

    conditions = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    selectors = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    baseline = forms.ChoiceField(label="Differences to", required=False, help_text="Paired by problem, at this k")
    problems = forms.ChoiceField(required=False)
    x = forms.ChoiceField(label="Against", required=False, widget=forms.RadioSelect)
    k = forms.TypedChoiceField(label="k, samples per problem", required=False, coerce=int)

    def __init__(self, explorer: Explorer, data):
        usual = explorer.usual()
        super().__init__(data, initial=vars(usual), label_suffix="")
        self._usual = usual
        selectors = [(each.name, each.label) for each in explorer.selectors.values()]
        self.fields["conditions"].choices = list(explorer.conditions.items())
        self.fields["selectors"].choices = selectors
        self.fields["baseline"].choices = selectors
        self.fields["x"].choices = list(explorer.units.items())
        self.fields["k"].choices = [(k, k) for k in explorer.ks]
        self.fields["problems"].choices = _by_family(explorer)

    def state(self) -> ExploreState:
        """What is asked for, and what is usual for the rest; the form then shows the same."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        lists = {name: tuple(given[name]) for name in ("conditions", "selectors") if name in given}
        state = replace(self._usual, **{**given, **lists})
        # Fields show the data they are bound to, so these become what is really drawn.
        self.data = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(state).items()}
        return state


@require_GET
def explore(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or to htmx the part of it that depends on the state."""
    run = find_run(request, pk)
    explorer = explorer_of(run)
    if explorer.is_empty:
        return render(request, "runs/explore.html", {"run": run, "is_empty": True})
    form = ExploreForm(explorer, request.GET)
    state = form.state()
    context = {
        "run": run,
        "form": form,
        "state": state,
        "shown": shown(explorer.explore(state)),
        "x_name": explorer.units[state.x],
        "baseline": explorer.selectors[state.baseline].label,
        "place_of_k": explorer.ks.index(state.k),
        "last_place": len(explorer.ks) - 1,
    }
    return render(request, "runs/_explored.html" if request.htmx else "runs/explore.html", context)


def _by_family(explorer: Explorer) -> list:
    """Choices of the menu, each with its number of problems, those of one family under its name."""
    choices = []
    for family, groups in groupby(explorer.groups.values(), key=lambda group: group.family):
        options = [(group.name, f"{group.label} ({len(group.problems):,})") for group in groups]
        choices += [(family, options)] if family else options
    return choices
