"""Tokens, with which programs sign in: `Authorization: Token …`."""

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from ..models import AuditEntry


class SignInThrottle(AnonRateThrottle):
    """Guessing passwords is slow."""

    rate = "10/min"


class SignInSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField()


class TokenView(APIView):
    throttle_classes = (SignInThrottle,)

    def get_permissions(self):
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @extend_schema(request=SignInSerializer, responses=TokenSerializer, auth=[])
    def post(self, request):
        """The token of the user with this name and password, the same each time until it is revoked.

        Who has no password makes a token on the account page.
        """
        given = SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request, **given.validated_data)
        if user is None:
            name = given.validated_data["username"][:100]
            AuditEntry.objects.record(None, AuditEntry.Action.SIGN_IN_FAILED, f"as “{name}”", by="API")
            raise AuthenticationFailed("No user has this name and password.")
        AuditEntry.objects.record(user, AuditEntry.Action.SIGNED_IN, user, by="API")
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})

    @extend_schema(request=None, responses={204: None})
    def delete(self, request):
        """Revoke one's token: programs that use it are signed out."""
        Token.objects.filter(user=request.user).delete()
        AuditEntry.objects.record(request.user, AuditEntry.Action.TOKEN_REVOKED, request.user)
        return Response(status=204)
