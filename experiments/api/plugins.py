"""The plug-ins of every family and their options as JSON Schema."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from ..domain.registry import Options, Registry
from ..graders.base import graders
from ..inference.base import backends
from ..sources.base import sources
from ..strategies.base import strategies
from ..studies.analyses.base import analyses
from ..studies.base import studies
from ..treatments.base import treatments
from ..verifiers.base import verifiers

FAMILIES: dict[str, Registry] = {
    "analyses": analyses,
    "backends": backends,
    "graders": graders,
    "sources": sources,
    "strategies": strategies,
    "studies": studies,
    "treatments": treatments,
    "verifiers": verifiers,
}


class PluginDescriptionSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    description = serializers.CharField()
    options = serializers.DictField(help_text="JSON Schema of its `params`")


class FamiliesSerializer(serializers.Serializer):
    """Every family of plug-ins with its members, ordered by label."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {family: PluginDescriptionSerializer(many=True) for family in FAMILIES}


class PluginsView(APIView):
    @extend_schema(responses=FamiliesSerializer)
    def get(self, request):
        """Everything that an experiment can be put together from."""
        return Response({family: [describe(plugin) for plugin in registry] for family, registry in FAMILIES.items()})


def describe(plugin: type[Options]) -> dict:
    schema = plugin.model_json_schema()
    return {"name": plugin.name, "label": plugin.label, "description": schema.pop("description"), "options": schema}
