"""One JSON shape for every error: {"error": {"message": …, "fields": {…}}}."""

from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from ..domain.errors import AssayError


def handle(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: our own errors are the user's to mend (400), the rest keeps its status."""
    if isinstance(error, AssayError):
        return Response({"error": {"message": str(error), "fields": {}}}, status=status.HTTP_400_BAD_REQUEST)
    response = exception_handler(error, context)
    if response is None:
        return None
    detail = response.data
    if isinstance(detail, dict) and set(detail) == {"detail"}:
        response.data = {"error": {"message": str(detail["detail"]), "fields": {}}}
    else:
        response.data = {"error": {"message": "The request has errors; nothing was changed.", "fields": detail}}
    return response
