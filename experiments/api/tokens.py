"""Tokens, with which programs sign in: `Authorization: Token …`."""

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView


class SignInThrottle(AnonRateThrottle):
    """Guessing passwords is slow."""

    rate = "10/min"


class SignInSerializer(serializers.Serializer):
    """Both or neither; without them the session that asks is meant."""

    username = serializers.CharField(required=False)
    password = serializers.CharField(required=False, trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField()


class TokenView(APIView):
    throttle_classes = (SignInThrottle,)

    def get_permissions(self):
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @extend_schema(request=SignInSerializer, responses=TokenSerializer, auth=[{}, {"cookieAuth": []}])
    def post(self, request):
        """The token of the user with this name and password, or of who is signed in; the same each time until revoked."""
        given = SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request, **given.validated_data) if given.validated_data else request.user
        if user is None or not user.is_authenticated:
            raise NotAuthenticated("No user has this name and password.")
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})

    @extend_schema(request=None, responses={204: None})
    def delete(self, request):
        """Revoke one's token: programs that use it are signed out."""
        Token.objects.filter(user=request.user).delete()
        return Response(status=204)
