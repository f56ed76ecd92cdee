"""Runs: how far they are, what they found, everything they stored, and pausing, resuming or cancelling them."""

from collections.abc import Callable

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from ..domain.errors import InvalidInput
from ..models import Attempt, AuditEntry, Call, Finding, Run, User, clock, steering
from ..reports.download import ENDINGS, download, download_ledger
from ..reports.export_rows import exact_objects
from ..reports.progress import progress
from ..runner import placing
from .amounts import Amount
from .archives import ArchiveActions
from .exploring import ExploredSerializer, ExploreQuery, explored
from .pagination import InOrder
from .permissions import OnlyVisible
from .progress import ProgressSerializer
from .queries import query_of
from .regradings import RegradingActions
from .samples import SampleSerializer
from .scorings import ScoringActions


class RunSerializer(serializers.ModelSerializer):
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)

    class Meta:
        model = Run
        exclude = ("config",)


class RunDetailSerializer(RunSerializer):
    """With the frozen config: texts, parameters, fingerprints, versions, seed."""

    class Meta:
        model = Run
        fields = "__all__"


class AttemptSerializer(serializers.ModelSerializer):
    """`condition` is the condition's key and `problem` the problem's, as in an export."""

    condition = serializers.SlugRelatedField(slug_field="key", read_only=True)
    problem = serializers.SlugRelatedField(slug_field="key", read_only=True)

    class Meta:
        model = Attempt
        fields = (
            *("id", "condition", "problem", "repeat", "position", "state", "error", "tries", "finished_at"),
            *("n_samples", "n_correct", "n_cut_off", "n_unparsed", "n_answers", "vote_margin"),
        )


class FindingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Finding
        exclude = ("id", "run")


class RunQuery(serializers.Serializer):
    experiment = serializers.IntegerField(required=False, help_text="Only this experiment's runs")
    state = serializers.ChoiceField(Run.State.choices, required=False)


class SampleQuery(serializers.Serializer):
    attempt = serializers.IntegerField(required=False, help_text="Only this attempt's samples")


class ExportQuery(serializers.Serializer):
    format = serializers.ChoiceField(list(ENDINGS), default="csv")
    bom = serializers.BooleanField(default=False, help_text="Begin a CSV with the mark that Excel knows UTF-8 by")


class LedgerQuery(serializers.Serializer):
    format = serializers.ChoiceField(["csv", "jsonl"], default="csv")


class CapSerializer(serializers.Serializer):
    spending_cap = Amount(allow_null=True)


class PrioritySerializer(serializers.ModelSerializer):
    class Meta:
        model = Run
        fields = ("priority",)
        extra_kwargs = {"priority": {"required": True}}


class RunViewSet(
    OnlyVisible,
    ArchiveActions,
    RegradingActions,
    ScoringActions,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    queryset = Run.objects.all()
    serializer_class = RunDetailSerializer

    @extend_schema(parameters=[RunQuery], responses=RunSerializer(many=True))
    def list(self, request):
        page = self.paginate_queryset(
            self.get_queryset().defer("config").prefetch_related("tags").filter(**query_of(request, RunQuery))
        )
        return self.get_paginated_response(RunSerializer(page, many=True).data)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request, pk):
        """Take no new samples; those being written are still stored."""
        return self._move(steering.pause, "paused")

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request, pk):
        return self._move(steering.resume, "resumed")

    @extend_schema(request=CapSerializer, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def cap(self, request, pk):
        """Set how much it may cost in all; null is no cap. A run that paused for its cap has to be resumed."""
        given = CapSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        run = self.get_object()
        steering.cap_spending(request.user, run, given.validated_data["spending_cap"])
        return Response(RunSerializer(run).data)

    @extend_schema(request=PrioritySerializer, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def priority(self, request, pk):
        """Among its user's runs, where Celery places the work: 2 is high, 1 normal, 0 low."""
        given = PrioritySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        run = self.get_object()
        run.prioritise(given.validated_data["priority"])
        return Response(RunSerializer(run).data)

    @extend_schema(
        parameters=[LedgerQuery],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/jsonl"): OpenApiTypes.STR},
    )
    @action(detail=True)
    def ledger(self, request, pk):
        """One row for every paid call that left, as CSV or JSONL, streamed."""
        run = self.get_object()
        asked = query_of(request, LedgerQuery)
        AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, run, what="ledger", **asked)
        return download_ledger(Call.objects.filter(run=run), name=f"assay-run-{run.pk}-ledger", **asked)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Stop for good; what is stored stays."""
        return self._move(steering.cancel, "cancelled")

    def _move(self, verb: Callable[[User, Run], bool], participle: str) -> Response:
        run = self.get_object()
        if not verb(self.request.user, run):
            raise InvalidInput(f"Run {run.pk} is {run.state} and cannot be {participle}.")
        placing.place_after_commit()
        return Response(RunSerializer(run).data)

    @extend_schema(responses=ProgressSerializer)
    @action(detail=True)
    def progress(self, request, pk):
        """How far it is, how fast, and how long it will take."""
        return Response(ProgressSerializer(progress(self.get_object(), clock.read())).data)

    @extend_schema(responses=FindingSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def findings(self, request, pk):
        """What is known so far, the headline first; every estimate with its n and its interval."""
        return Response(FindingSerializer(self.get_object().findings.all(), many=True).data)

    @extend_schema(parameters=[ExploreQuery], responses=ExploredSerializer)
    @action(detail=True)
    def explore(self, request, pk):
        """Accuracy and cost for every k under any selectors, on any part of the problems: the run's interactive figure."""
        return Response(explored(self.get_object(), request))

    @extend_schema(responses=AttemptSerializer(many=True))
    @action(detail=True, pagination_class=InOrder)
    def attempts(self, request, pk):
        """In the order of work."""
        page = self.paginate_queryset(self.get_object().attempts.select_related("condition", "problem"))
        return self.get_paginated_response(AttemptSerializer(page, many=True).data)

    @extend_schema(parameters=[SampleQuery], responses=SampleSerializer(many=True))
    @action(detail=True, pagination_class=InOrder)
    def samples(self, request, pk):
        """In the order they were stored; the same names and values as a line of the JSONL export."""
        run = self.get_object()
        keys = [sample.pk for sample in self.paginate_queryset(run.samples.only("pk").filter(**query_of(request, SampleQuery)))]
        return self.get_paginated_response(exact_objects(run, run.samples.filter(pk__in=keys).order_by("pk")))

    @extend_schema(
        parameters=[ExportQuery],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/jsonl"): OpenApiTypes.STR,
            (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT, "The manifest"),
        },
    )
    @action(detail=True)
    def export(self, request, pk):
        """One row per sample as CSV or JSONL, streamed, or the manifest; the same file as on the run's page."""
        run, asked = self.get_object(), query_of(request, ExportQuery)
        AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, run, format=asked["format"])
        return download(run, **asked)
