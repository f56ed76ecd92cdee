"""What a page says when something broke under it, and what it says when the database is away."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from ..inference.redaction import redact

log = logging.getLogger(__name__)

RETRY_SECONDS = 5
_SENTENCE = "The database does not answer at the moment. Stored results are safe, and this comes back by itself."


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. It asks the database nothing: neither who is signed in nor what they may see."""
    error = sys.exc_info()[1]
    if not isinstance(error, (OperationalError, InterfaceError)):
        return defaults.server_error(request)
    log.error("%s %s was not answered, the database is away: %s", request.method, request.path, redact(str(error)))
    if request.path.startswith("/api/"):
        response = JsonResponse({"error": {"message": _SENTENCE, "fields": {}}}, status=503)
    else:
        content = render_to_string("503.html", {"sentence": _SENTENCE, "tries_again": request.method == "GET"})
        response = HttpResponse(content, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # in one line; Django would add the traceback, page after page
    return response
