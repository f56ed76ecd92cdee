"""API clients that are signed in with a token."""

from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from experiments.models import User
from tests.factories import make_user


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
    client.default_format = "json"
    return client


def client_as(role: str) -> APIClient:
    return client_of(make_user(role=role))
