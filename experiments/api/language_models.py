"""Language models: what can be asked."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from ..domain.errors import InvalidInput
from ..inference.base import backends
from ..models import LanguageModel, TruthTest
from ..runner.trust import admit
from .permissions import RecordsArchiving
from .truth_tests import TruthTestSerializer


class LanguageModelSerializer(serializers.ModelSerializer):
    """`backend` names a plug-in of the family “backends”, `params` are its options. `truth` is what the truth test found."""

    consent = serializers.BooleanField(
        write_only=True, default=False, help_text="An administrator's word that a private address or a key's new one is allowed"
    )

    note = serializers.SerializerMethodField(help_text="Once it was saved: what is worth knowing, though nothing is wrong")

    class Meta:
        model = LanguageModel
        fields = ("id", "name", "backend", "params", "n_parameters", "truth", "archived", "created_at", "consent", "note")
        read_only_fields = ("truth",)

    def get_note(self, entry: LanguageModel) -> str:
        return getattr(self, "note", "")

    @transaction.atomic
    def save(self, **fields) -> LanguageModel:
        """Raises InvalidInput or PermanentInferenceError, and stores nothing, if the backend may not or could not work."""
        consent = self.validated_data.pop("consent", False)
        before = self.instance and (self.instance.backend, self.instance.params)
        entry = super().save(**fields)
        backend = backends.build(entry.backend, entry.params)
        admit(self.context["request"].user, backend, consent=consent)
        self.note = backend.note()
        if before and before != (entry.backend, entry.params):
            entry.truth = None
            entry.save(update_fields=["truth"])
        return entry


class LanguageModelViewSet(
    RecordsArchiving,
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    queryset = LanguageModel.objects.all()
    serializer_class = LanguageModelSerializer

    @extend_schema(request=None, responses={202: TruthTestSerializer})
    @action(detail=True, methods=["post"])
    def truth_test(self, request, pk):
        """Have a worker ask the endpoint some thirty small questions, which are paid. GET tells how far it is."""
        entry = self.get_object()
        backend = backends.build(entry.backend, entry.params)
        if not backend.is_remote:
            raise InvalidInput(f"“{backend.label}” needs no truth test: only remote endpoints do.")
        backend.check()
        return Response(TruthTestSerializer(TruthTest.objects.request(entry, request.user)).data, status=202)

    @extend_schema(responses=TruthTestSerializer)
    @truth_test.mapping.get
    def last_truth_test(self, request, pk):
        """The last one asked for. 404 if there was none."""
        test = self.get_object().truth_tests.last()
        if test is None:
            raise NotFound("No truth test of this model was asked for.")
        return Response(TruthTestSerializer(test).data)
