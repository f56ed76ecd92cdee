"""Every page wants a user who is signed in, but for those marked otherwise, which don't ask who it is."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse


class SignInRequired(LoginRequiredMiddleware):
    """Django's looks up who asks before it looks whether that matters; `/healthz` must answer without the database."""

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        return super().process_view(request, view, args, kwargs)
