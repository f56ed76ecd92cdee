"""Experiments: the editable plans, and starting a run of one."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from ..domain.errors import InvalidInput
from ..models import AuditEntry, Experiment
from ..models.sharing import share
from ..runner.estimate import estimate_run, start_pilot, ways_of_asking
from ..runner.planning import create_run, plan_run
from .amounts import Amount
from .permissions import OnlyVisible, RecordsArchiving
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
            *("reuses_answers", "owner", "team", "visibility", "created_at", "updated_at"),
        )
        read_only_fields = ("owner",)

    @transaction.atomic
    def save(self, **fields) -> Experiment:
        """Raises InvalidInput, and stores nothing, for a plan that could not be run or sharing that the user may not change."""
        wanted = {name: self.validated_data.pop(name) for name in ("team", "visibility") if name in self.validated_data}
        experiment = super().save(**fields)
        plan_run(experiment)
        share(
            experiment, self.context["request"].user, **{"team": experiment.team, "visibility": experiment.visibility, **wanted}
        )
        return experiment


class PredictionSerializer(serializers.Serializer):
    """With the 95% prediction interval from `low` to `high`."""

    expected = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class EstimateSerializer(serializers.Serializer):
    """Of the whole run; cost in the currency of the models' prices. `n_attempts_seen`: the fewest that a condition had."""

    n_samples = serializers.IntegerField()
    n_attempts_seen = serializers.IntegerField()
    prompt_tokens = PredictionSerializer()
    completion_tokens = PredictionSerializer()
    cost = PredictionSerializer()


class EstimateAnswer(serializers.Serializer):
    estimate = EstimateSerializer(allow_null=True)
    ways_of_asking = serializers.DictField(
        child=serializers.CharField(), help_text="By remote model: whether samples will share calls (n), and why"
    )


class ExperimentViewSet(OnlyVisible, RecordsArchiving, viewsets.ModelViewSet):
    queryset = Experiment.objects.prefetch_related("variants", "language_models")
    serializer_class = ExperimentSerializer

    def perform_create(self, serializer) -> None:
        serializer.save(owner=self.request.user)

    def perform_destroy(self, experiment: Experiment) -> None:
        if experiment.runs.exists():
            raise InvalidInput(f"“{experiment}” has runs, which keep it: archive it instead.")
        AuditEntry.objects.record(self.request.user, AuditEntry.Action.DELETED, experiment)
        experiment.delete()

    @extend_schema(request=None, responses={201: ExperimentSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request, pk):
        """Copy the plan under the next free name."""
        copy = self.get_object().duplicate(request.user)
        return Response(self.get_serializer(copy).data, status=201)

    @extend_schema(responses=EstimateAnswer)
    @action(detail=True, pagination_class=None)
    def estimate(self, request, pk):
        """What a run will take; `estimate` is null where some condition has no earlier attempts to go by."""
        experiment = self.get_object()
        answer = {"estimate": estimate_run(experiment), "ways_of_asking": ways_of_asking(experiment)}
        return Response(EstimateAnswer(answer).data)

    @extend_schema(request=None, responses={201: RunSerializer})
    @action(detail=True, methods=["post"])
    def pilot(self, request, pk):
        """Queue a run of a few problems, for the estimate to go by."""
        return Response(RunSerializer(start_pilot(self.get_object(), request.user)).data, status=201)

    @extend_schema(request=None, responses={201: RunSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request, pk):
        """Freeze the plan and queue a run of it."""
        run = create_run(self.get_object(), request.user)
        return Response(RunSerializer(run).data, status=201)
