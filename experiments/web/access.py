"""What a role may do, for views that change things; and the only doors to runs, experiments and review sets.

What a user may not know of is not there for them: the answer is 404, as for a number that nobody ever gave away.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ..models import Experiment, ReviewSet, Run, User

View = Callable[..., HttpResponse]


def editor_required(view: View) -> View:
    """Answer 403 with a sentence unless the user's role may change things."""
    return _role_required(view, lambda user: user.can_edit, "editor")


def administrator_required(view: View) -> View:
    """Answer 403 with a sentence unless the user administers this installation."""
    return _role_required(view, lambda user: user.can_administer, "administrator")


def find_run(request: HttpRequest, pk: int, *related: str) -> Run:
    """The run with its experiment and `related`, if the user may know of it."""
    return get_object_or_404(Run.objects.visible_to(request.user).select_related("experiment", *related), pk=pk)


def find_experiment(request: HttpRequest, pk: int, *related: str) -> Experiment:
    rows = Experiment.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related(*related) if related else rows, pk=pk)


def find_review_set(request: HttpRequest, pk: int) -> ReviewSet:
    return get_object_or_404(ReviewSet.objects.visible_to(request.user).select_related("created_by"), pk=pk)


def _role_required(view: View, allows: Callable[[User], bool], role: str) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if allows(request.user):
            return view(request, *args, **kwargs)
        return render(request, "access/refused.html", {"role": role}, status=403)

    return checked
