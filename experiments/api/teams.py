"""Teams and the audit log: administrators see and change all; members see their teams, leads also what was done with them."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from ..models import AuditEntry, Membership, Team, User
from ..models.people import LIMITS, change_team, create_team, set_member
from ..reports.audit_log import as_csv, of_day, readable_by
from ..reports.download import download_pieces
from .amounts import Amount
from .pagination import ByKey
from .permissions import Administrators
from .queries import query_of


class MembershipSerializer(serializers.ModelSerializer):
    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Membership
        fields = ("user", "username", "role")


class MemberSerializer(serializers.Serializer):
    """`role` is member or lead; null takes the person out of the team."""

    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))
    role = serializers.ChoiceField(Membership.Role.choices, allow_null=True)


class TeamSerializer(serializers.ModelSerializer):
    """The limits are on all runs of the team's experiments together; null is none of its own. Leads may only lower them."""

    memberships = MembershipSerializer(many=True, read_only=True)
    daily_spending_cap = Amount(allow_null=True, required=False)
    monthly_spending_cap = Amount(allow_null=True, required=False)

    class Meta:
        model = Team
        fields = ("id", "name", *LIMITS, "archived", "memberships", "created_at")

    def create(self, fields: dict) -> Team:
        by = self.context["request"].user
        team = create_team(by, fields.pop("name"))
        change_team(by, team, **fields)
        return team

    def update(self, team: Team, fields: dict) -> Team:
        change_team(self.context["request"].user, team, **fields)
        return team


class TeamViewSet(
    mixins.CreateModelMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet
):
    queryset = Team.objects.prefetch_related("memberships__user").order_by("pk")
    serializer_class = TeamSerializer

    def get_permissions(self):
        # What a lead may change is for the verbs to say; teams that are not theirs are not there.
        return [Administrators() if self.action == "create" else IsAuthenticated()]

    def get_queryset(self):
        teams = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return teams.none()
        user = self.request.user
        if self.request.method in ("GET", "HEAD", "OPTIONS"):
            return teams if user.can_administer else teams.filter(memberships__user=user)
        return teams.filter(pk__in=Team.objects.managed_by(user).values("pk"))

    @extend_schema(request=MemberSerializer, responses=TeamSerializer)
    @action(detail=True, methods=["post"])
    def members(self, request, pk):
        """Take a person in, change their role in the team, or take them out."""
        team = self.get_object()
        given = MemberSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        set_member(request.user, team, given.validated_data["user"], given.validated_data["role"])
        return Response(self.get_serializer(self.get_object()).data)


class AuditEntrySerializer(serializers.ModelSerializer):
    """`who` was the user's name then; `about` names what it was done with, also when that is gone."""

    about = serializers.CharField(source="about_label")

    class Meta:
        model = AuditEntry
        fields = ("id", "at", "user", "who", "action", "about_kind", "about_id", "about", "run", "team", "details", "address")


class AuditQuery(serializers.Serializer):
    user = serializers.IntegerField(required=False, help_text="Only what this person did")
    action = serializers.ChoiceField(AuditEntry.Action.choices, required=False)
    run = serializers.IntegerField(required=False, help_text="Only what was done with this run")
    team = serializers.IntegerField(required=False)
    day = serializers.DateField(required=False, help_text="In the lab's time zone")


class AuditViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Who did what, the newest first: all of it for administrators, for leads what concerns their teams."""

    queryset = AuditEntry.objects.order_by("-pk")
    serializer_class = AuditEntrySerializer
    pagination_class = ByKey

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return AuditEntry.objects.none()
        return _asked(self.request.user, query_of(self.request, AuditQuery)).order_by("-pk")

    @extend_schema(parameters=[AuditQuery])
    def list(self, request):
        return super().list(request)


class AuditFileView(APIView):
    @extend_schema(parameters=[AuditQuery], responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request):
        """The same entries as CSV, streamed. Reading it is an entry too."""
        asked = query_of(request, AuditQuery)
        told = {name: str(value) for name, value in asked.items()}
        AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, "the audit log", format="csv", asked=told)
        return download_pieces(as_csv(_asked(request.user, asked)), "text/csv; charset=utf-8", "assay-audit-log.csv")


def _asked(user: User, asked: dict):
    """The entries that the query asks for and the user may read."""
    found = readable_by(user).filter(**{name: value for name, value in asked.items() if name != "day"})
    return of_day(found, asked["day"]) if "day" in asked else found
