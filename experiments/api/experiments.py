"""Experiments: the editable plans, and starting a run of one."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from ..domain.errors import InvalidInput
from ..models import Experiment
from ..runner.planning import create_run, plan_run
from .amounts import Amount
from .runs import RunSerializer


class PluginSerializer(serializers.Serializer):
    """A plug-in by name with its options."""

    name = serializers.CharField()
    params = serializers.DictField(default=dict)


class ExperimentSerializer(serializers.ModelSerializer):
    """`study`, `grader` and `verifiers` name plug-ins; their options are described by `plugins/`."""

    verifiers = PluginSerializer(many=True, required=False)
    spending_cap = Amount(required=False, allow_null=True, help_text="A run pauses before it costs more")

    class Meta:
        model = Experiment
        fields = (
            *("id", "name", "description", "study", "study_params", "dataset", "max_problems", "variants"),
            *(
                "language_models",
                "decoding",
                "grader",
                "grader_params",
                "verifiers",
                "repeats",
                "seed",
                "spending_cap",
                "archived",
            ),
            *("archived", "owner", "created_at", "updated_at"),
        )
        read_only_fields = ("owner",)

    @transaction.atomic
    def save(self, **fields) -> Experiment:
        """Raises InvalidInput, and stores nothing, for a plan that could not be run."""
        experiment = super().save(**fields)
        plan_run(experiment)
        return experiment


class ExperimentViewSet(viewsets.ModelViewSet):
    queryset = Experiment.objects.prefetch_related("variants", "language_models")
    serializer_class = ExperimentSerializer

    def perform_create(self, serializer) -> None:
        serializer.save(owner=self.request.user)

    def perform_destroy(self, experiment: Experiment) -> None:
        if experiment.runs.exists():
            raise InvalidInput(f"“{experiment}” has runs, which keep it: archive it instead.")
        experiment.delete()

    @extend_schema(request=None, responses={201: ExperimentSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request, pk):
        """Copy the plan under the next free name."""
        copy = self.get_object().duplicate(request.user)
        return Response(self.get_serializer(copy).data, status=201)

    @extend_schema(request=None, responses={201: RunSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request, pk):
        """Freeze the plan and queue a run of it."""
        run = create_run(self.get_object(), request.user)
        return Response(RunSerializer(run).data, status=201)
