"""One JSON shape for every error: {"error": {"message": …, "fields": {…}}}."""

from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from ..domain.errors import AssayError


def handle(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: our own errors are the user's to mend (400), the rest keeps its status."""
    if isinstance(error, AssayError):
        return Response(_shape(str(error)), status=status.HTTP_400_BAD_REQUEST)
    response = exception_handler(error, context)
    if response is None:
        return None
    detail = response.data
    if isinstance(detail, dict) and set(detail) == {"detail"}:
        response.data = _shape(str(detail["detail"]))
    elif isinstance(detail, list):
        response.data = _shape(" ".join(map(str, detail)))
    else:
        general = detail.pop("non_field_errors", ["The request has errors; nothing was changed."])
        response.data = _shape(" ".join(map(str, general)), detail)
    return response


def _shape(message: str, fields: dict | None = None) -> dict:
    return {"error": {"message": message, "fields": fields or {}}}


class UnknownAddress(APIView):
    """Answers every address below the API's that nothing else does, in the same shape."""

    schema = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        raise NotFound(f"There is nothing at {request.path}. The addresses are listed at /api/schema/.")
