"""How many problems a comparison takes, before any run: by the slider or by the numbers."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..reports.planned_power import PlannedPower
from .compare import drawn


class PowerForm(forms.Form):
    """Shares between 0 and 1; what is left empty has its default."""

    n = forms.IntegerField(label="Problems", min_value=2, max_value=100_000, initial=100)
    accuracy = forms.FloatField(
        label="Accuracy of the first",
        min_value=0.01,
        max_value=0.99,
        initial=0.5,
        help_text="As a share, about what you expect",
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )
    agreement = forms.FloatField(
        label="Agreement",
        min_value=0,
        max_value=1,
        initial=0.5,
        help_text="0: the two get problems right independently; 1: the same ones, but for the difference. "
        "Variants of one prompt tend to agree",
        widget=forms.NumberInput(attrs={"step": "0.05"}),
    )
    samples = forms.IntegerField(
        label="Samples per problem", min_value=1, max_value=10_000, initial=1, help_text="Averaged by problem before comparing"
    )


@require_GET
def power(request: HttpRequest) -> HttpResponse:
    """The smallest difference that shows, and the problems that differences take."""
    initial = {name: field.initial for name, field in PowerForm.base_fields.items()}
    form = PowerForm({**initial, **{name: value for name, value in request.GET.items() if name in initial and value}})
    context = {"form": form}
    if form.is_valid():
        planned = PlannedPower(**form.cleaned_data)
        context |= {"planned": planned, "figure": drawn("power", planned.figure())}
    template = "compare/_power.html" if request.htmx else "compare/power.html"
    return render(request, template, context, status=200 if form.is_valid() else 400)
