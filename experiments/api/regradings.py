"""Graders of a run: its own and those that marked the same answers later."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ..models import Regrading
from ..reports.grade_flips import grade_flips, graders_of
from ..runner.regradings import begin_regrading
from .queries import query_of


class RegradeSerializer(serializers.Serializer):
    """A grader by name with its options."""

    grader = serializers.CharField()
    params = serializers.DictField(default=dict)


class RegradingSerializer(serializers.ModelSerializer):
    """`key` is the grader with its version and options, as grades name it."""

    class Meta:
        model = Regrading
        fields = ("id", "run", "key", "grader", "params", "state", "reason", "started_by", "created_at", "finished_at")


class MarkedSerializer(serializers.Serializer):
    """`regrading` is null for the grader that marked the run while it ran."""

    key = serializers.CharField()
    name = serializers.CharField()
    params = serializers.DictField()
    n = serializers.IntegerField()
    n_correct = serializers.IntegerField()
    regrading = RegradingSerializer(allow_null=True)


class GradeFlipsQuery(serializers.Serializer):
    before = serializers.CharField(help_text="Key of the grader to compare with")
    after = serializers.CharField(help_text="Key of the other one")


class GradeFlipSerializer(serializers.Serializer):
    sample = serializers.IntegerField(source="sample.pk")
    problem = serializers.CharField(source="sample.attempt.problem.key")
    condition = serializers.CharField(source="sample.attempt.condition.key")
    before = serializers.CharField(source="before.verdict")
    after = serializers.CharField(source="after.verdict")


class GradeFlipsSerializer(serializers.Serializer):
    """The first flips; `gained` and `lost` count all of them."""

    sentence = serializers.CharField(source="in_words")
    compared = serializers.IntegerField(source="n")
    gained = serializers.IntegerField(source="n_gained")
    lost = serializers.IntegerField(source="n_lost")
    flips = GradeFlipSerializer(many=True)


class RegradingActions:
    """Actions of a run that concern its graders."""

    @extend_schema(responses=MarkedSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def graders(self, request, pk):
        """The one that marked it while it ran, then those that did so later."""
        return Response(MarkedSerializer(graders_of(self.get_object()), many=True).data)

    @extend_schema(request=RegradeSerializer, responses={201: RegradingSerializer})
    @action(detail=True, methods=["post"])
    def regrade(self, request, pk):
        """Mark the finished run's answers by another grader, in the background. One that stopped before its end goes on."""
        given = RegradeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        regrading = begin_regrading(self.get_object(), user=request.user, **given.validated_data)
        return Response(RegradingSerializer(regrading).data, status=201)

    @extend_schema(parameters=[GradeFlipsQuery], responses=GradeFlipsSerializer)
    @action(detail=True, pagination_class=None, url_path="grade-flips")
    def grade_flips(self, request, pk):
        """Answers that one grader finds correct and the other does not."""
        return Response(GradeFlipsSerializer(grade_flips(self.get_object(), **query_of(request, GradeFlipsQuery))).data)
