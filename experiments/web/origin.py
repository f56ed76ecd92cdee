"""Where a request comes from, for the audit log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ..models.audit import coming_from


def tell_origin(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the innermost: what views record names the address that asked."""

    def answer(request: HttpRequest) -> HttpResponse:
        with coming_from("nobody signed in", request.META.get("REMOTE_ADDR", "")):
            return get_response(request)

    return answer
