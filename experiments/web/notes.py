"""Notes on runs: written by editors, taken back by who wrote them."""

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ..models import Note, Run
from .access import editor_required, find_run


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "maxlength": 10_000})}


@editor_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    run = find_run(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        run.notes.create(author=request.user, text=form.cleaned_data["text"])
    return _answer(request, run)


@editor_required
@require_POST
def remove(request: HttpRequest, pk: int, note: int) -> HttpResponse:
    """One's own; an administrator may take away anyone's."""
    run = find_run(request, pk)
    get_object_or_404(_removable(request, run), pk=note).delete()
    return _answer(request, run)


def _removable(request: HttpRequest, run: Run) -> QuerySet[Note]:
    return run.notes.all() if request.user.can_administer else run.notes.filter(author=request.user)


def _answer(request: HttpRequest, run: Run) -> HttpResponse:
    return render(request, "notes/_notes.html", {"run": run}) if request.htmx else redirect(f"{run.get_absolute_url()}#notes")
