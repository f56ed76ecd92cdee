"""For administrators: how long things are kept, what the next tidying would take, and what the last one took."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ..models import AuditEntry, RetentionRule
from ..runner.tidying import BROOMS, last_tidying, preview
from .access import administrator_required

LONGEST_DAYS = 36_500


class RetentionForm(forms.Form):
    """Days for each subject; empty keeps for good. `archives_first` is about texts of runs alone."""

    archives_first = forms.BooleanField(
        label="Move texts to run archives first",
        required=False,
        initial=True,
        help_text="Into the folder “archives” of the data folder; without it they are gone",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        rules = RetentionRule.objects.in_bulk(field_name="subject")
        for subject, label in RetentionRule.Subject.choices:
            self.fields[subject] = forms.IntegerField(
                label=f"Days to keep: {label}",
                required=False,
                min_value=1,
                max_value=LONGEST_DAYS,
                initial=rules[subject].days if subject in rules else None,
            )
        if texts := rules.get(RetentionRule.Subject.RUN_TEXTS):
            self.fields["archives_first"].initial = texts.archives_first

    def rows(self) -> list[dict]:
        """One for each subject: its field, what goes and what stays."""
        subjects = RetentionRule.Subject
        return [{"label": subject.label, "field": self[subject.value], "broom": BROOMS[subject]} for subject in subjects]

    @transaction.atomic
    def save(self, user) -> None:
        days = {subject: self.cleaned_data[subject] for subject in RetentionRule.Subject.values}
        RetentionRule.objects.exclude(subject__in=[subject for subject, n in days.items() if n]).delete()
        for subject, n in days.items():
            if n:
                fields = {"days": n, "archives_first": self.cleaned_data["archives_first"], "changed_by": user}
                RetentionRule.objects.update_or_create(subject=subject, defaults=fields)
        kept_for = {subject: n for subject, n in days.items() if n}
        AuditEntry.objects.record(user, AuditEntry.Action.RULES_CHANGED, "retention rules", **kept_for)


@administrator_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    form = RetentionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save(request.user)
        messages.success(request, "The rules are saved. The next “manage.py tidy” goes by them.")
        return redirect("retention")
    context = {"form": form, "last": _last()}
    return render(request, "access/retention.html", context, status=422 if form.is_bound else 200)


@administrator_required
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """What the next tidying would take; counting it can take a while."""
    return render(request, "access/_retention_due.html", {"due": preview()})


def _last() -> dict | None:
    entry = last_tidying()
    if entry is None:
        return None
    labels = dict(RetentionRule.Subject.choices)
    took = [(labels.get(subject, subject), n, BROOMS[subject].unit) for subject, n in entry.details.items() if subject in BROOMS]
    return {"entry": entry, "took": took}
