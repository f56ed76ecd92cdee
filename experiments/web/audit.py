"""The audit log: who did what. Administrators read all of it, leads what concerns their teams."""

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..models import AuditEntry, Team, User
from ..reports.audit_log import as_csv, of_day, readable_by, reads_any
from ..reports.download import download_pieces

ENTRIES_PER_PAGE = 100


class AuditForm(forms.Form):
    """Which entries, out of the query string. What cannot be read is left out, and its field says so."""

    person = forms.ModelChoiceField(User.objects.order_by("username"), required=False, empty_label="anybody")
    action = forms.ChoiceField(choices=[("", "anything"), *AuditEntry.Action.choices], required=False)
    run = forms.IntegerField(min_value=1, max_value=2**53, required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="any")
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(min_value=1, max_value=2**53, required=False, widget=forms.HiddenInput)

    def __init__(self, user: User, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.managed_by(user)
        for field in self.fields.values():
            field.widget.attrs["style"] = "width: auto"

    def entries(self, user: User):
        """Those asked for that the user may read, the newest first."""
        self.is_valid()
        asked = self.cleaned_data
        lookups = {"person": "user", "action": "action", "run": "run", "team": "team", "before": "pk__lt"}
        wanted = {lookup: asked[name] for name, lookup in lookups.items() if asked.get(name)}
        found = readable_by(user).filter(**wanted).order_by("-pk")
        return of_day(found, asked["day"]) if asked.get("day") else found


@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """A page of entries, or with `?format=csv` all that fit as a file, which is an entry too."""
    if not reads_any(request.user):
        return render(request, "access/refused.html", {"role": "administrator"}, status=403)
    form = AuditForm(request.user, request.GET)
    entries = form.entries(request.user)
    if request.GET.get("format") == "csv":
        return _download(request, entries)
    rows = list(entries.select_related("run", "team")[: ENTRIES_PER_PAGE + 1])
    shown = rows[:ENTRIES_PER_PAGE]
    context = {
        "form": form,
        "entries": shown,
        "older": _query(request, before=str(shown[-1].pk)) if len(rows) > ENTRIES_PER_PAGE else "",
        "file_query": _query(request, format="csv"),
        "is_narrowed": any(form.cleaned_data.values()),
    }
    return render(request, "access/audit.html", context)


def _download(request: HttpRequest, entries) -> HttpResponseBase:
    asked = {name: value for name, value in request.GET.items() if value and name != "format"}
    AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, "the audit log", format="csv", asked=asked)
    return download_pieces(as_csv(entries), "text/csv; charset=utf-8", "assay-audit-log.csv")


def _query(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()
