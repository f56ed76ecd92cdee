"""What a page says when something broke under it, and what it says when the database is away."""

import logging
import sys

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from ..inference.redaction import redact

log = logging.getLogger(__name__)

RETRY_SECONDS = 5
_AWAY = "The database does not answer at the moment. Stored results are safe, and this comes back by itself."
_FULL = "The server's disk is full. Stored results are safe; an administrator has to make room."
_OTHER_TABLES = "The database waits for an update of its tables: an administrator has to run “manage.py migrate”."


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. It asks the database nothing: neither who is signed in nor what they may see."""
    error = sys.exc_info()[1]
    sentence = _sentence(error)
    if sentence is None:
        return defaults.server_error(request)
    log.error("%s %s was not answered, the database cannot be used: %s", request.method, request.path, redact(str(error)))
    if request.path.startswith("/api/"):
        response = JsonResponse({"error": {"message": sentence, "fields": {}}}, status=503)
    else:
        content = render_to_string("503.html", {"sentence": sentence, "tries_again": request.method == "GET"})
        response = HttpResponse(content, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # in one line; Django would add the traceback, page after page
    return response


def _sentence(error: BaseException | None) -> str | None:
    """What is the matter with the database, or None where the error is ours."""
    if not isinstance(error, (OperationalError, InterfaceError, ProgrammingError)):
        return None
    # By PostgreSQL's code for a table or a column that is not there, and SQLite's words.
    if getattr(error.__cause__, "sqlstate", None) in ("42P01", "42703") or str(error).startswith("no such "):
        return _OTHER_TABLES
    if isinstance(error, ProgrammingError):
        return None
    return _FULL if "full" in str(error) or "No space left" in str(error) else _AWAY
