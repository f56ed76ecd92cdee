"""Saying that a problem's label is suspect or wrong."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ..models import Problem, ProblemMark
from .access import editor_required


class MarkForm(forms.Form):
    kind = forms.ChoiceField(choices=[("", "no mark"), *ProblemMark.Kind.choices], required=False)
    note = forms.CharField(required=False, max_length=2000)


@require_POST
@editor_required
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's mark on a problem; an empty kind takes it back. Goes back to the page it came from."""
    problem = get_object_or_404(Problem, pk=pk)
    form = MarkForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such mark: choose suspect, wrong, or fine.")
    elif form.cleaned_data["kind"]:
        told = {"problem": problem, "kind": form.cleaned_data["kind"], "note": form.cleaned_data["note"]}
        ProblemMark.objects.update_or_create(identity=problem.identity, author=request.user, defaults=told)
        messages.success(request, f"“{problem.key}” is marked as {ProblemMark.Kind(told['kind']).label}.")
    else:
        ProblemMark.objects.filter(identity=problem.identity, author=request.user).delete()
        messages.success(request, f"Your mark on “{problem.key}” is gone.")
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(back if is_ours else problem.dataset.get_absolute_url())
