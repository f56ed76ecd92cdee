"""Review sets: the list, making one, one with its progress, and what came out of it."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ..domain.errors import InvalidInput
from ..models import ReviewSet
from ..reports.review_agreement import agreement
from ..reports.review_choosing import WAYS, choose, conditions_called
from ..reports.review_ratings import Ratings
from ..reports.review_scores import caution, scores
from ..reports.review_sets import create_review_set
from ..reports.review_verdicts import files_of, reviewers
from .access import editor_required, find_review_set
from .review_forms import FileForm, ReviewSetForm, conditions_in

SETS_PER_PAGE = 50


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Newest first."""
    rows = (
        ReviewSet.objects.visible_to(request.user).select_related("created_by").annotate(n_items=Count("items")).order_by("-pk")
    )
    page = Paginator(rows, SETS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "reviews/list.html", {"page": page})


@editor_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """From `?run=12` or `?arm=12.key&arm=13.key`; the address may choose `how` and `kind` beforehand."""
    names = conditions_in(request.POST or request.GET, request.user)
    form = ReviewSetForm(names, request.POST if request.method == "POST" else None, initial=_wished(request))
    context = {"form": form, "names": names, "conditions": [], "count": None}
    try:
        context["conditions"] = conditions_called(names, request.user) if names else []
        if request.method == "POST" and form.is_valid():
            if "show" in request.POST:
                context["count"] = choose(form.wish, request.user).in_words
            else:
                made = create_review_set(form.wish, name=form.set_name, user=request.user, **form.shown)
                return redirect(made)
    except InvalidInput as error:
        context["trouble"] = str(error)
    return render(request, "reviews/new.html", context)


@editor_required
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """How many items the form would choose, in words."""
    form = ReviewSetForm(conditions_in(request.GET, request.user), request.GET)
    try:
        context = (
            {"count": choose(form.wish, request.user).in_words}
            if form.is_valid()
            else {"trouble": "The form is not complete yet."}
        )
    except InvalidInput as error:
        context = {"trouble": str(error)}
    return render(request, "reviews/_count.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    review_set = find_review_set(request, pk)
    n_items, progress = review_set.items.count(), reviewers(review_set)
    name = request.user.get_username()
    # What a blind set hides stays hidden until one's own pass is done, or it is asked for.
    n_own = progress.get(name, 0)
    is_hidden = review_set.is_blind and request.user.can_edit and n_own < n_items and "results" not in request.GET
    context = {
        "review_set": review_set,
        "how": WAYS[review_set.choice["how"]].label,
        "n_items": n_items,
        "progress": progress,
        "n_own": n_own,
        "is_hidden": is_hidden,
        "files": files_of(review_set),
        "file_form": FileForm(),
        "link": request.build_absolute_uri(request.path + "next/"),
    }
    return render(request, "reviews/detail.html", context)


@require_GET
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Agreement and scores, a piece that the set's page loads, and a page of its own without scripts."""
    review_set = find_review_set(request, pk)
    ratings = Ratings(review_set)
    context = {
        "review_set": review_set,
        "agreement": agreement(ratings),
        "scores": scores(ratings),
        "caution": caution(review_set),
        "has_verdicts": bool(ratings.reviewers),
    }
    return render(request, "reviews/_results.html" if request.htmx else "reviews/results.html", context)


def _wished(request: HttpRequest) -> dict:
    """What the address chooses, as far as the form knows it."""
    known = {"how": WAYS, "kind": ReviewSet.Kind.values}
    return {name: request.GET[name] for name, values in known.items() if request.GET.get(name) in values}
