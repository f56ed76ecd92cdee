"""What was spent: a run's cap and ledger, and the lab's ledger for administrators."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..models import AuditEntry, Call, Run, Spending, steering
from ..reports.download import download_ledger
from .access import administrator_required, editor_required, find_run

SHOWN_ROWS = 200


class CapForm(forms.ModelForm):
    """How much a run may cost in all."""

    spending_cap = forms.FloatField(label="Spending cap", required=False, min_value=0)

    class Meta:
        model = Run
        fields = ["spending_cap"]


class LedgerForm(forms.Form):
    """What to download, out of the query string."""

    format = forms.ChoiceField(choices=[("csv", "csv"), ("jsonl", "jsonl")], required=False)


@editor_required
@require_POST
def run_cap(request: HttpRequest, pk: int) -> HttpResponse:
    run = find_run(request, pk)
    form = CapForm(request.POST)
    if form.is_valid():
        cap = form.cleaned_data["spending_cap"]
        steering.cap_spending(request.user, run, cap)
        messages.success(request, f"Run {pk} has no spending cap." if cap is None else f"Run {pk} may cost {cap:g} in all.")
    else:
        messages.error(request, f"The spending cap was left as it is. {' '.join(form.errors['spending_cap'])}")
    return redirect(run)


@require_GET
def run_ledger(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every paid call of the run as a file, CSV if nothing else is asked for."""
    run = find_run(request, pk)
    AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, run, what="ledger", format=_format(request))
    return download_ledger(Call.objects.filter(run=run), _format(request), f"assay-run-{pk}-ledger")


@administrator_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What each run spent on which day, newest first."""
    rows = Spending.objects.select_related("run__experiment", "run__started_by").order_by("-day", "-run_id")[:SHOWN_ROWS]
    today, reserved = Spending.objects.today().totals()
    context = {
        "rows": rows,
        "today": today,
        "reserved": reserved,
        "total": Spending.objects.aggregate(total=Sum("cost"))["total"] or 0.0,
        "daily_cap": settings.ASSAY_DAILY_SPENDING_CAP,
        "daily_cap_per_user": settings.ASSAY_DAILY_SPENDING_CAP_PER_USER,
    }
    return render(request, "runs/ledger.html", context)


@administrator_required
@require_GET
def download(request: HttpRequest) -> HttpResponseBase:
    """Every paid call of the lab as a file."""
    AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, "the ledger", format=_format(request))
    return download_ledger(Call.objects.all(), _format(request))


def _format(request: HttpRequest) -> str:
    form = LedgerForm(request.GET)
    return (form.cleaned_data["format"] if form.is_valid() else "") or "csv"
