"""Verifiers of a run: what they came to, and another one over the same answers."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ..models import Scoring
from ..reports.verifier_flips import verifier_flips
from ..reports.verifier_standings import verifier_standings
from ..runner.scorings import begin_scoring
from .queries import query_of


class ScoreSerializer(serializers.Serializer):
    """A verifier by name with its options."""

    verifier = serializers.CharField()
    params = serializers.DictField(default=dict)


class ScoringSerializer(serializers.ModelSerializer):
    """`key` is the verifier with its version and options, as scores name it."""

    class Meta:
        model = Scoring
        fields = ("id", "run", "key", "state", "reason", "config", "started_by", "created_at", "finished_at")


class SpentSerializer(serializers.Serializer):
    calls = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    cost = serializers.FloatField()


class StandingSerializer(serializers.Serializer):
    """`missing` answers were looked at and have no score; `flat` of `pools` attempts have all scores equal."""

    key = serializers.CharField()
    label = serializers.CharField()
    params = serializers.DictField()
    answers = serializers.IntegerField()
    scored = serializers.IntegerField()
    missing = serializers.IntegerField()
    pools = serializers.IntegerField()
    flat = serializers.IntegerField()
    judgements = serializers.IntegerField()
    unread = serializers.IntegerField()
    spent = SpentSerializer()
    cautions = serializers.ListField(child=serializers.CharField())
    scoring = ScoringSerializer(allow_null=True)


class FlipsQuery(serializers.Serializer):
    before = serializers.CharField(help_text="Key of the verifier to compare with")
    after = serializers.CharField(help_text="Key of the verifier that chooses instead")


class FlipSerializer(serializers.Serializer):
    """The samples are told by their places inside the attempt."""

    attempt = serializers.IntegerField(source="attempt.pk")
    problem = serializers.CharField(source="attempt.problem.key")
    outcome = serializers.ChoiceField(["gained", "lost", "same"])
    before = serializers.IntegerField(source="before.index")
    after = serializers.IntegerField(source="after.index")


class FlipsSerializer(serializers.Serializer):
    sentence = serializers.CharField(source="in_words")
    compared = serializers.IntegerField(source="n_compared")
    flips = FlipSerializer(many=True)


class ScoringActions:
    """Actions of a run that concern its verifiers."""

    @extend_schema(responses=StandingSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def verifiers(self, request, pk):
        """Those it was planned with, then those that scored it later."""
        return Response(StandingSerializer(verifier_standings(self.get_object()), many=True).data)

    @extend_schema(request=ScoreSerializer, responses={201: ScoringSerializer})
    @action(detail=True, methods=["post"])
    def score(self, request, pk):
        """Score the finished run by a further verifier, in the background. One that stopped before its end goes on."""
        given = ScoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        scoring = begin_scoring(self.get_object(), user=request.user, **given.validated_data)
        return Response(ScoringSerializer(scoring).data, status=201)

    @extend_schema(parameters=[FlipsQuery], responses=FlipsSerializer)
    @action(detail=True, pagination_class=None)
    def flips(self, request, pk):
        """Where the best answer by one verifier is another than the best by a second one."""
        return Response(FlipsSerializer(verifier_flips(self.get_object(), **query_of(request, FlipsQuery))).data)
