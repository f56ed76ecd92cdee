"""The page on which a task's formats are tried."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from .format_forms import FormatEditor


@require_GET
def editor(request: HttpRequest) -> HttpResponse:
    """The form with the formats it leads to, or, for a page that is there already, these alone. Stores nothing."""
    editor = FormatEditor(request.GET)
    if "use" in request.GET and (address := editor.beginning()):
        return redirect(address)
    return render(request, "formats/_written.html" if request.htmx else "formats/editor.html", {"editor": editor})
