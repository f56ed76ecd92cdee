"""The tree or the chains of one attempt as a piece of its page, which asks for it again while the attempt goes on."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ..reports.drawings import drawing_of
from .access import find_run


class Seen(forms.Form):
    """What the page shows already."""

    seen = forms.CharField(required=False, max_length=16)


@require_GET
def attempt_drawing(request: HttpRequest, pk: int, attempt: int) -> HttpResponse:
    """The drawing as of now, or nothing to swap (204) where it is what the page shows."""
    run = find_run(request, pk)
    found = get_object_or_404(run.attempts.select_related("problem", "condition"), pk=attempt)
    drawing = drawing_of(run, found)
    form = Seen(request.GET)
    if form.is_valid() and drawing and drawing.goes_on and drawing.seen == form.cleaned_data["seen"]:
        return HttpResponse(status=204)
    return render(request, "runs/_drawing.html", {"run": run, "drawing": drawing, "polls": True})
