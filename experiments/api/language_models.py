"""Language models: what can be asked."""

from django.db import transaction
from rest_framework import mixins, serializers, viewsets

from ..inference.base import backends
from ..models import LanguageModel


class LanguageModelSerializer(serializers.ModelSerializer):
    """`backend` names a plug-in of the family “backends”, `params` are its options."""

    class Meta:
        model = LanguageModel
        fields = ("id", "name", "backend", "params", "n_parameters", "archived", "created_at")

    @transaction.atomic
    def save(self, **fields) -> LanguageModel:
        """Raises InvalidInput or PermanentInferenceError, and stores nothing, if the backend could not work."""
        entry = super().save(**fields)
        backends.build(entry.backend, entry.params).check()
        return entry


class LanguageModelViewSet(
    mixins.CreateModelMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet
):
    queryset = LanguageModel.objects.all()
    serializer_class = LanguageModelSerializer
