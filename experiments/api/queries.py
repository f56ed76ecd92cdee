"""Query strings go through a serializer like all other input."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def query_of(request: Request, serializer: type[Serializer]) -> dict[str, Any]:
    """The parameters that were given, as the serializer reads them. Raises ValidationError naming the bad one."""
    query = serializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
