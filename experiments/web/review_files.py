"""Review files: sent out to be filled in, and taken in again after a look at what they would change."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..domain.errors import InvalidInput
from ..models import AuditEntry
from ..reports.review_export import CONTENT_TYPES, export_review
from ..reports.review_import import plan_import, take_in
from ..reports.review_reading import LARGEST_FILE, UnreadableFile
from . import uploads
from .access import editor_required, find_review_set
from .review_forms import FileForm


class ExportForm(forms.Form):
    """What to download, out of the query string."""

    format = forms.ChoiceField(choices=[(name, name) for name in CONTENT_TYPES])
    reviewer = forms.CharField(max_length=150, required=False)


class DecisionForm(forms.Form):
    """How a shown plan is carried out."""

    reviewer = forms.CharField(max_length=150, required=False)
    fingerprint = forms.CharField(max_length=64)
    conflicts = forms.ChoiceField(choices=[("keep", "keep"), ("take", "take")], required=False)


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file for a reviewer, by default for oneself."""
    review_set = find_review_set(request, pk)
    form = ExportForm(request.GET)
    if not form.is_valid():
        messages.error(request, f"Unknown format. Choose one of {', '.join(CONTENT_TYPES)}.")
        return redirect(review_set)
    AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, review_set, format=form.cleaned_data["format"])
    format, reviewer = form.cleaned_data["format"], form.cleaned_data["reviewer"] or request.user.get_username()
    response = HttpResponse(export_review(review_set, reviewer, format), content_type=CONTENT_TYPES[format])
    words = ["assay", "review", str(pk), slugify(review_set.name)[:60], slugify(reviewer)[:40]]
    response["Content-Disposition"] = f'attachment; filename="{"-".join(filter(None, words))}.{format}"'
    return response


@require_POST
@editor_required
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the file, and go to see what it would change."""
    review_set = find_review_set(request, pk)
    form = FileForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise InvalidInput("Choose a filled-in file that is not empty.")
        if form.cleaned_data["file"].size > LARGEST_FILE:
            raise InvalidInput(f"The file is too large: at most {LARGEST_FILE / 1e6:,.0f} MB are read.")
        kept = uploads.keep(request.session, form.cleaned_data["file"], "review")
    except InvalidInput as error:
        messages.error(request, str(error))
        return redirect(review_set)
    query = urlencode({"reviewer": form.cleaned_data["reviewer"]})
    return redirect(f"{reverse('review_import', args=[pk, kept.token])}?{query}")


@editor_required
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """What the file would change; the button takes it in, whole or not at all."""
    review_set = find_review_set(request, pk)
    kept = uploads.find(request.session, token)
    if kept is None:
        messages.warning(request, "This file is gone: it was taken in, discarded, or is older than a day. Send it again.")
        return redirect(review_set)
    content = kept.path.read_bytes()
    decision = DecisionForm(request.POST or None)
    context = {"review_set": review_set, "upload": kept}
    reviewer = (request.POST.get("reviewer") or request.GET.get("reviewer", ""))[:150]
    try:
        if "take_in" in request.POST and decision.is_valid():
            file, plan = take_in(
                review_set,
                content,
                file_name=kept.file_name,
                user=request.user,
                reviewer=reviewer,
                takes_conflicts=decision.cleaned_data["conflicts"] == "take",
                fingerprint=decision.cleaned_data["fingerprint"],
            )
            uploads.discard(request.session, kept)
            stored = file.verdicts.count()
            messages.success(request, f"{stored:,} verdict{'' if stored == 1 else 's'} by {plan.reviewer} from “{file}” stored.")
            return redirect(review_set)
    except InvalidInput as error:
        context["trouble"] = str(error)
    try:
        context |= {"plan": plan_import(review_set, content, reviewer), "reviewer": reviewer}
    except UnreadableFile as error:
        context |= {"troubles": error.troubles, "trouble": ""}
    return render(request, "reviews/import.html", context, status=400 if context.get("troubles") else 200)


@require_POST
@editor_required
def discard(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    review_set = find_review_set(request, pk)
    if kept := uploads.find(request.session, token):
        uploads.discard(request.session, kept)
    return redirect(review_set)
