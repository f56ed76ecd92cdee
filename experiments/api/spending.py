"""What the lab spent, for administrators: by day and run, call by call, and what a person's runs may cost a day."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.views import APIView

from ..models import AuditEntry, Call, Spending, User
from ..models.people import change_person
from ..reports.download import download_ledger
from .amounts import Amount
from .pagination import ByKey
from .permissions import Administrators
from .queries import query_of


class SpendingSerializer(serializers.ModelSerializer):
    """What one run spent on one day, failed and lost calls included. `reserved` is the most that calls under way may cost."""

    experiment = serializers.CharField(source="run.experiment.name")
    started_by = serializers.CharField(source="run.started_by.username", default=None, allow_null=True)

    class Meta:
        model = Spending
        fields = ("day", "run", "experiment", "started_by", "cost", "reserved")


class PersonSerializer(serializers.ModelSerializer):
    """`daily_spending_cap` and `attempts_at_once` are for the person's runs together; null takes the lab's."""

    daily_spending_cap = Amount(allow_null=True)

    class Meta:
        model = User
        fields = ("id", "username", "role", "is_active", "daily_spending_cap", "attempts_at_once")
        read_only_fields = ("username", "role", "is_active")

    def update(self, person: User, fields: dict) -> User:
        change_person(self.context["request"].user, person, **fields)
        return person


class LedgerQuery(serializers.Serializer):
    format = serializers.ChoiceField(["csv", "jsonl"], default="csv")


class SpendingView(generics.ListAPIView):
    """By day and run, the newest first."""

    permission_classes = (Administrators,)
    pagination_class = ByKey
    serializer_class = SpendingSerializer
    queryset = Spending.objects.select_related("run__experiment", "run__started_by")


class LedgerView(APIView):
    permission_classes = (Administrators,)

    @extend_schema(
        parameters=[LedgerQuery],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/jsonl"): OpenApiTypes.STR},
    )
    def get(self, request):
        """One row for every paid call of the lab that left, as CSV or JSONL, streamed."""
        asked = query_of(request, LedgerQuery)
        AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, "the ledger", **asked)
        return download_ledger(Call.objects.all(), **asked)


class PeopleView(generics.ListAPIView):
    """Everybody, with their cap a day."""

    permission_classes = (Administrators,)
    pagination_class = ByKey
    serializer_class = PersonSerializer
    queryset = User.objects.all()


class PersonView(generics.RetrieveUpdateAPIView):
    """One person. Only the limits can be changed here; roles are given on the page."""

    permission_classes = (Administrators,)
    http_method_names = ("get", "patch", "head", "options")
    serializer_class = PersonSerializer
    queryset = User.objects.all()
