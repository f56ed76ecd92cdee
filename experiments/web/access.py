"""What a role may do: `editor_required` and `administrator_required` for views that change things."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..models import User

View = Callable[..., HttpResponse]


def editor_required(view: View) -> View:
    """Answer 403 with a sentence unless the user's role may change things."""
    return _role_required(view, lambda user: user.can_edit, "editor")


def administrator_required(view: View) -> View:
    """Answer 403 with a sentence unless the user administers this installation."""
    return _role_required(view, lambda user: user.can_administer, "administrator")


def _role_required(view: View, allows: Callable[[User], bool], role: str) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if allows(request.user):
            return view(request, *args, **kwargs)
        return render(request, "access/refused.html", {"role": role}, status=403)

    return checked
