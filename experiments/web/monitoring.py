"""Who may see the inside: administrators who are signed in, and whoever knows the metrics token."""

import secrets

from django.conf import settings
from django.http import HttpRequest


def administers(user) -> bool:
    """Whether this is an administrator who is signed in."""
    return user.is_authenticated and user.can_administer


def knows_token(request: HttpRequest) -> bool:
    """Whether `Authorization: Bearer …` carries ASSAY_METRICS_TOKEN. Asks no database."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.ASSAY_METRICS_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and secrets.compare_digest(token.strip().encode(), expected.encode())
