"""Lists as one arranged them, kept under a name. Everyone has their own."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from ..models import SavedView
from .lists import LISTS
from .returning import back

#: Pages whose arrangement can be kept, by their name in the address configuration.
PAGES = [*(each.page for each in LISTS), "search"]


class SavedViewForm(forms.Form):
    page = forms.ChoiceField(choices=[(page, page) for page in PAGES])
    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=2000, required=False)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the arrangement; one's view of the same name is replaced."""
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The view was not saved: " + " ".join(form.errors.get("name", ["its address is too long."])))
        return back(request, "dashboard")
    wanted = form.cleaned_data
    view, _ = SavedView.objects.update_or_create(
        owner=request.user, page=wanted["page"], name=wanted["name"], defaults={"query": wanted["query"]}
    )
    messages.success(request, f"The view “{view}” is saved.")
    return redirect(view)


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, owner=request.user)
    page = view.page
    view.delete()
    messages.success(request, f"The view “{view}” is forgotten.")
    return back(request, page)
