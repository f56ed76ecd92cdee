"""Keys kept for endpoints, write-only, and, for administrators, the addresses that may be asked."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from ..inference import consents, key_files, keys
from ..inference.base_urls import normal_url
from ..runner import trust
from .permissions import Administrators, Editors


class KeySerializer(serializers.Serializer):
    """A stored key. `key` is taken and never given back."""

    name = serializers.CharField(max_length=64, help_text="Letters, digits, - _ and .; an existing one is replaced")
    base_url = serializers.CharField(
        max_length=500, help_text="The key is sent nowhere else; empty for a key that cannot be opened any more"
    )
    key = serializers.CharField(write_only=True, max_length=2000, style={"input_type": "password"})


class AddressSerializer(serializers.Serializer):
    """An address that may be asked although it lies in a private network or is asked without encryption."""

    base_url = serializers.CharField(max_length=500)
    variables = serializers.ListField(
        child=serializers.RegexField(r"^[A-Za-z_][A-Za-z0-9_]*\Z", max_length=100),
        default=list,
        help_text="Environment variables whose keys may be sent there",
    )


class WithdrawalSerializer(serializers.Serializer):
    base_url = serializers.CharField(max_length=500)


class KeysView(APIView):
    permission_classes = (Editors,)

    @extend_schema(responses=KeySerializer(many=True))
    def get(self, request):
        """Names and base URLs of the stored keys."""
        return Response(_stored())

    @extend_schema(request=KeySerializer, responses={201: KeySerializer})
    def post(self, request):
        """Store a key encrypted, for one base URL; a key of that name is replaced."""
        given = _read(KeySerializer, request)
        trust.store_key(request.user, given["name"], given["key"], given["base_url"])
        return Response(next(each for each in _stored() if each["name"] == given["name"]), status=201)


class KeyView(APIView):
    permission_classes = (Editors,)

    @extend_schema(responses={204: None})
    def delete(self, request, name: str):
        """Forget a stored key: models that name it cannot be asked any more."""
        trust.forget_key(request.user, name)
        return Response(status=204)


class AddressesView(APIView):
    permission_classes = (Administrators,)

    @extend_schema(responses=AddressSerializer(many=True))
    def get(self, request):
        """Every allowed address."""
        return Response(_allowed())

    @extend_schema(request=AddressSerializer, responses={201: AddressSerializer})
    def post(self, request):
        """Allow an address, and keys from the environment to be sent there."""
        given = _read(AddressSerializer, request)
        trust.allow_address(request.user, given["base_url"], given["variables"])
        address = normal_url(given["base_url"])
        return Response(next(each for each in _allowed() if each["base_url"] == address), status=201)


class WithdrawalView(APIView):
    permission_classes = (Administrators,)

    @extend_schema(request=WithdrawalSerializer, responses={204: None})
    def post(self, request):
        """Take back everything that was allowed for an address."""
        trust.withdraw_address(request.user, _read(WithdrawalSerializer, request)["base_url"])
        return Response(status=204)


def _read(serializer: type[serializers.Serializer], request) -> dict:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def _stored() -> list[dict[str, str]]:
    key_files.refresh()
    return [{"name": name, "base_url": base_url} for name, base_url in keys.stored().items()]


def _allowed() -> list[dict]:
    key_files.refresh()
    return [{"base_url": base_url, "variables": variables} for base_url, variables in consents.allowed().items()]
