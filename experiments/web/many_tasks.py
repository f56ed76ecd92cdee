"""Conditions over many tasks: datasets, or parts of one."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..domain.errors import InvalidInput
from ..reports.arms import arms_called
from ..reports.many_tasks import DATASETS, ManyTasks, columns_for_tasks
from .compare import arm_names, drawn


class TasksForm(forms.Form):
    column = forms.ChoiceField(label="Tasks are", required=False)
    chance = forms.FloatField(
        label="Chance level",
        min_value=0,
        max_value=0.99,
        required=False,
        help_text="What guessing reaches; taken off the scores",
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


@require_GET
def many_tasks(request: HttpRequest) -> HttpResponse:
    """`?arm=...&arm=...&column=topic`, or conditions of runs on several datasets."""
    names = arm_names(request)
    form, context = TasksForm(request.GET), {"chosen": names}
    try:
        arms = arms_called(names, request.user)
        columns = columns_for_tasks(arms)
        datasets = {arm.run.config["dataset"]["name"] for arm in arms}
        form.fields["column"].choices = [(DATASETS, "the datasets"), *((name, f"values of “{name}”") for name in columns)]
        if not form.is_valid():
            raise InvalidInput("; ".join(f"{name}: {' '.join(errors)}" for name, errors in form.errors.items()))
        default = DATASETS if len(datasets) > 1 or not columns else columns[0]
        found = ManyTasks(arms, form.cleaned_data["column"] or default, form.cleaned_data["chance"] or 0.0)
        context |= {"found": found, "figure": drawn("profile", found.profile()), "heat_map": drawn("tasks", found.heat_map())}
    except InvalidInput as error:
        context["obstacle"] = str(error)
    context["form"] = form
    return render(request, "compare/many_tasks.html", context, status=400 if "obstacle" in context and names else 200)
