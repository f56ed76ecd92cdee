"""Language models: what can be asked."""

from asgiref.sync import async_to_sync
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from ..inference.admission import admit
from ..inference.base import backends
from ..models import LanguageModel


class LanguageModelSerializer(serializers.ModelSerializer):
    """`backend` names a plug-in of the family “backends”, `params` are its options. `truth` is what the truth test found."""

    consent = serializers.BooleanField(
        write_only=True, default=False, help_text="An administrator's word that a private address or a key's new one is allowed"
    )

    class Meta:
        model = LanguageModel
        fields = ("id", "name", "backend", "params", "n_parameters", "truth", "archived", "created_at", "consent")
        read_only_fields = ("truth",)

    @transaction.atomic
    def save(self, **fields) -> LanguageModel:
        """Raises InvalidInput or PermanentInferenceError, and stores nothing, if the backend may not or could not work."""
        consent = self.validated_data.pop("consent", False)
        before = self.instance and (self.instance.backend, self.instance.params)
        entry = super().save(**fields)
        admit(
            backends.build(entry.backend, entry.params),
            by_administrator=self.context["request"].user.can_administer,
            consent=consent,
        )
        if before and before != (entry.backend, entry.params):
            entry.truth = None
            entry.save(update_fields=["truth"])
        return entry


class LanguageModelViewSet(
    mixins.CreateModelMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet
):
    queryset = LanguageModel.objects.all()
    serializer_class = LanguageModelSerializer

    @extend_schema(request=None, responses=LanguageModelSerializer)
    @action(detail=True, methods=["post"])
    def truth_test(self, request, pk):
        """Ask the endpoint some twenty small questions and store what it honours. Takes minutes at worst, and costs calls."""
        entry = self.get_object()
        entry.truth = async_to_sync(backends.build(entry.backend, entry.params).truth_test)()
        entry.save(update_fields=["truth"])
        return Response(self.get_serializer(entry).data)
