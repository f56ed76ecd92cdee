"""Gives every request an id that its log lines and its answer carry, and lets the lines tell who asks."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from ..domain.log_context import add, working_for

HEADER = "X-Request-ID"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestContext(MiddlewareMixin):
    """Middleware. The id is the one that a proxy in front has given, or a new one."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.async_mode:
            return self.__acall__(request)
        request_id = _id_of(request)
        with working_for(request_id=request_id):
            response = self.get_response(request)
        response[HEADER] = request_id
        return response

    async def __acall__(self, request: HttpRequest) -> HttpResponse:
        request_id = _id_of(request)
        with working_for(request_id=request_id):
            response = await self.get_response(request)
        response[HEADER] = request_id
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        # Who asks is looked up anyway where signing in is required, and nowhere else: /healthz must not ask the database.
        if getattr(view, "login_required", True) and request.user.is_authenticated:
            add(user=request.user.pk)


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if _PLAIN.fullmatch(given) else uuid.uuid4().hex
