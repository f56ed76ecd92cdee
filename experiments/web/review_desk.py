"""Where a reviewer sits: one item at a time, every verdict stored at once."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..domain.errors import InvalidInput
from ..models import Grade, HumanVerdict, ReviewItem, ReviewSet, Sample
from ..reports.review_verdicts import give, next_open, reviewers, undo
from .access import editor_required, find_review_set
from .review_forms import VerdictForm

#: The key that gives each verdict, and the sign it wears.
KEYS = {"correct": "c", "wrong": "w", "unsure": "u", "left": "l", "tie": "t", "right": "r"}
SIGNS = {"correct": "✓", "wrong": "✕", "unsure": "?", "left": "←", "tie": "=", "right": "→"}


@dataclass(frozen=True)
class ShownText:
    """A text of an item; `origin` and `verdict` are empty where the set is blind."""

    title: str
    text: str
    origin: str
    verdict: str


@require_GET
@editor_required
def following(request: HttpRequest, pk: int) -> HttpResponse:
    """The address that is sent to reviewers: their first open item, or the set when all are judged."""
    review_set = find_review_set(request, pk)
    return _go_on(request, review_set, -1)


@editor_required
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """One item; a POST stores the verdict of the button that was pressed and goes on to the next open item."""
    found = get_object_or_404(
        ReviewItem.objects.select_related(
            "review_set", "sample__attempt__problem", "sample__attempt__condition", "other__attempt__condition"
        ).defer("sample__logprobs", "sample__tokens", "other__logprobs", "other__tokens"),
        review_set=find_review_set(request, pk),
        position=position,
    )
    review_set, reviewer = found.review_set, request.user.get_username()
    said = found.verdicts.filter(reviewer=reviewer).current().first()
    form = VerdictForm(found, said, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            seconds = fields["seconds"] if review_set.is_timed else None
            give(found, request.user, fields["verdict"], fields["note"], form.scores, seconds=seconds)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            return _go_on(request, review_set, position)
    n_items, n_own = review_set.items.count(), reviewers(review_set).get(reviewer, 0)
    context = {
        "review_set": review_set,
        "item": found,
        "problem": found.sample.attempt.problem,
        "texts": _texts(found),
        "form": form,
        "said": said,
        "buttons": [
            (each, HumanVerdict.Verdict(each).label, KEYS[each], SIGNS[each], said is not None and said.verdict == each)
            for each in map(str, review_set.allowed_verdicts)
        ],
        "n_items": n_items,
        "n_own": n_own,
        "previous": position - 1 if position else None,
        "following": position + 1 if position + 1 < n_items else None,
    }
    return render(request, "reviews/item.html", context, status=400 if form.errors else 200)


@require_POST
@editor_required
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo one's newest verdict and show its item again."""
    review_set = find_review_set(request, pk)
    reopened = undo(review_set, request.user)
    if reopened is None:
        messages.warning(request, "There is no verdict of yours from this page to take back.")
        return _go_on(request, review_set, -1)
    messages.info(request, f"Your verdict of item {reopened.position + 1} is taken back.")
    return redirect("review_item", pk, reopened.position)


def _go_on(request: HttpRequest, review_set: ReviewSet, after: int) -> HttpResponse:
    open_item = next_open(review_set, request.user.get_username(), after)
    if open_item is None:
        messages.success(request, f"You have judged all items of “{review_set}”. Thank you!")
        return redirect(review_set)
    return redirect("review_item", review_set.pk, open_item.position)


def _texts(item: ReviewItem) -> list[ShownText]:
    samples = [("Left", item.sample), ("Right", item.other)] if item.other_id else [("Text", item.sample)]
    return [_shown(title, sample, item.review_set) for title, sample in samples]


def _shown(title: str, sample: Sample, review_set: ReviewSet) -> ShownText:
    if review_set.is_blind:
        return ShownText(title, sample.whole_text, "", "")
    attempt = sample.attempt
    grader = attempt.run.config["grader"]["key"]
    grade = Grade.objects.filter(sample=sample, grader=grader).first()
    return ShownText(title, sample.whole_text, f"Run {attempt.run_id}: {attempt.condition.label}", grade.verdict if grade else "")
