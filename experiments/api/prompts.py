"""Prompts and their variants. A wording never changes: posting a variant's name again stores its next version."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets

from ..domain import templating
from ..domain.errors import TemplateError
from ..models import Prompt, Variant
from .permissions import RecordsArchiving
from .queries import query_of


class PromptSerializer(serializers.ModelSerializer):
    class Meta:
        model = Prompt
        fields = ("id", "name", "description", "archived", "created_at")


class VariantSerializer(serializers.ModelSerializer):
    """`template` and `system` may use `{{ question }}`, `{{ choices }}` and the problems' metadata by name."""

    class Meta:
        model = Variant
        fields = ("id", "prompt", "name", "version", "parent", "system", "template", "content_hash", "author", "created_at")
        read_only_fields = ("version", "content_hash", "author")
        extra_kwargs = {"system": {"trim_whitespace": False}, "template": {"trim_whitespace": False}}
        validators = ()  # the next version is always free

    def validate_system(self, system: str) -> str:
        return _checked(system)

    def validate_template(self, template: str) -> str:
        return _checked(template)

    def create(self, fields: dict) -> Variant:
        wording = (fields["prompt"], fields["name"], fields.get("system", ""), fields["template"])
        return Variant.objects.write(*wording, parent=fields.get("parent"), author=self.context["request"].user)


class PromptViewSet(
    RecordsArchiving,
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    queryset = Prompt.objects.all()
    serializer_class = PromptSerializer


class VariantQuery(serializers.Serializer):
    prompt = serializers.IntegerField(required=False, help_text="Only this prompt's variants")


class VariantViewSet(mixins.CreateModelMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = Variant.objects.all()
    serializer_class = VariantSerializer

    def get_queryset(self):
        return super().get_queryset().filter(**query_of(self.request, VariantQuery))

    @extend_schema(parameters=[VariantQuery])
    def list(self, request):
        return super().list(request)


def _checked(text: str) -> str:
    try:
        templating.slots_of(text)
    except TemplateError as error:
        raise serializers.ValidationError(str(error)) from None
    return text
