"""Review sets, their items, and the verdicts that people gave."""

from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from ..domain.errors import InvalidInput
from ..models import AuditEntry, HumanVerdict, ReviewItem, ReviewSet
from ..reports.review_agreement import agreement
from ..reports.review_choosing import MOST_ITEMS, WAYS, Wish
from ..reports.review_export import CONTENT_TYPES, export_review
from ..reports.review_import import plan_import, take_in
from ..reports.review_ratings import Ratings
from ..reports.review_reading import LARGEST_FILE
from ..reports.review_scores import caution, scores
from ..reports.review_sets import create_review_set
from ..reports.review_verdicts import give
from .pagination import InOrder
from .permissions import OnlyVisible
from .queries import query_of
from .review_results import ResultsSerializer


class CriterionSerializer(serializers.Serializer):
    """`key` names the criterion in scores and in columns of files."""

    key = serializers.RegexField(r"^[a-z0-9_]+$", max_length=60)
    title = serializers.CharField(max_length=100)
    low = serializers.IntegerField(min_value=0, max_value=9)
    high = serializers.IntegerField(min_value=0, max_value=9)

    def validate(self, fields: dict) -> dict:
        if fields["low"] >= fields["high"]:
            raise serializers.ValidationError("The scale must go up.")
        return fields


class ReviewSetSerializer(serializers.ModelSerializer):
    n_items = serializers.IntegerField(read_only=True)
    rubric = CriterionSerializer(many=True)

    class Meta:
        model = ReviewSet
        fields = (
            *("id", "name", "instructions", "kind", "conditions", "choice", "rubric", "is_blind", "shows_target", "is_timed"),
            *("seed", "n_items", "created_by", "created_at"),
        )


class NewReviewSetSerializer(serializers.Serializer):
    """`conditions` are named by run and key, as "12.model1-variant1"; `at_most` of what is found are drawn by the seed."""

    name = serializers.CharField(max_length=200)
    conditions = serializers.ListField(child=serializers.CharField(max_length=300), allow_empty=False)
    how = serializers.ChoiceField(list(WAYS), default="all")
    kind = serializers.ChoiceField(ReviewSet.Kind.choices, default=ReviewSet.Kind.SINGLE)
    texts_per_attempt = serializers.IntegerField(min_value=0, max_value=1000, default=1)
    at_most = serializers.IntegerField(min_value=1, max_value=MOST_ITEMS, allow_null=True, default=None)
    seed = serializers.IntegerField(min_value=0, max_value=2**32 - 1, default=0)
    instructions = serializers.CharField(default="", allow_blank=True)
    rubric = CriterionSerializer(many=True, default=list)
    is_blind = serializers.BooleanField(default=True)
    shows_target = serializers.BooleanField(default=False)
    is_timed = serializers.BooleanField(default=False)

    def validate_rubric(self, rubric: list[dict]) -> list[dict]:
        keys = [each["key"] for each in rubric]
        if len(set(keys)) < len(keys):
            raise serializers.ValidationError("Give each criterion a key of its own.")
        return rubric

    def create(self, fields: dict) -> ReviewSet:
        """Raises InvalidInput where nothing can be chosen so."""
        wish = Wish(
            tuple(fields.pop("conditions")),
            fields.pop("how"),
            fields.pop("kind") == ReviewSet.Kind.PAIRS,
            fields.pop("texts_per_attempt"),
            fields.pop("at_most"),
            fields.pop("seed"),
        )
        return create_review_set(wish, user=self.context["request"].user, **fields)


class ReviewItemSerializer(serializers.ModelSerializer):
    """What a reviewer sees; of a pair, `text` is the left one and `other_text` the right one."""

    problem = serializers.CharField(source="sample.attempt.problem.key")
    question = serializers.CharField(source="sample.attempt.problem.question")
    text = serializers.CharField(source="sample.whole_text")
    other_text = serializers.CharField(source="other.whole_text", default=None, allow_null=True)

    class Meta:
        model = ReviewItem
        fields = ("id", "position", "problem", "question", "text", "other_text")


class HumanVerdictSerializer(serializers.ModelSerializer):
    """`counts` is false where the same reviewer said something newer."""

    counts = serializers.BooleanField(read_only=True)

    class Meta:
        model = HumanVerdict
        fields = (
            *("id", "item", "reviewer", "verdict", "note", "scores", "seconds", "source", "file", "row", "given_by"),
            *("created_at", "counts"),
        )


class NewVerdictSerializer(serializers.Serializer):
    item = serializers.IntegerField()
    verdict = serializers.CharField()
    note = serializers.CharField(default="", allow_blank=True)
    scores = serializers.DictField(child=serializers.IntegerField(), default=dict)


class FileQuery(serializers.Serializer):
    format = serializers.ChoiceField(list(CONTENT_TYPES))
    reviewer = serializers.CharField(required=False, max_length=150, help_text="Whose file it is; by default one's own")


class FilledFileSerializer(serializers.Serializer):
    """With `dry_run` the changes are told and nothing is stored."""

    file = serializers.FileField()
    reviewer = serializers.CharField(default="", allow_blank=True, max_length=150)
    takes_conflicts = serializers.BooleanField(default=False)
    dry_run = serializers.BooleanField(default=False)


class TakenInSerializer(serializers.Serializer):
    """Rows of the file by what they do; `conflicts` changed since the file was made."""

    reviewer = serializers.CharField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    empty = serializers.IntegerField()
    absent = serializers.IntegerField()


class ReviewSetViewSet(OnlyVisible, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = ReviewSet.objects.annotate(n_items=Count("items"))
    serializer_class = ReviewSetSerializer
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(request=NewReviewSetSerializer, responses={201: ReviewSetSerializer})
    def create(self, request):
        """Choose texts of finished attempts for review."""
        new = NewReviewSetSerializer(data=request.data, context={"request": request})
        new.is_valid(raise_exception=True)
        made = self.get_queryset().get(pk=new.save().pk)
        return Response(ReviewSetSerializer(made).data, status=201)

    @extend_schema(responses=ReviewItemSerializer(many=True))
    @action(detail=True, pagination_class=InOrder)
    def items(self, request, pk):
        """In the order of review. They tell no condition, whether or not the set is blind."""
        rows = self.get_object().items.select_related("sample__attempt__problem", "other")
        return self.get_paginated_response(ReviewItemSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(responses=HumanVerdictSerializer(many=True))
    @action(detail=True, pagination_class=InOrder)
    def verdicts(self, request, pk):
        """Everything that was ever said, in its order."""
        rows = self.get_object().verdicts()
        rows = rows.annotate(counts=Exists(HumanVerdict.objects.current().filter(pk=OuterRef("pk"))))
        return self.get_paginated_response(HumanVerdictSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(request=NewVerdictSerializer, responses={201: HumanVerdictSerializer})
    @verdicts.mapping.post
    def give_verdict(self, request, pk):
        """One's own verdict of an item; the newest counts."""
        given = NewVerdictSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        item = self.get_object().items.filter(pk=fields.pop("item")).select_related("review_set").first()
        if item is None:
            raise InvalidInput("There is no such item in this review set.")
        stored = give(item, request.user, **fields, source=HumanVerdict.Source.API)
        stored.counts = True
        return Response(HumanVerdictSerializer(stored).data, status=201)

    @extend_schema(responses=ResultsSerializer)
    @action(detail=True, pagination_class=None)
    def results(self, request, pk):
        """Agreement between reviewers and with the grader, and scores under the verdict of people."""
        review_set = self.get_object()
        ratings = Ratings(review_set)
        found = {"caution": caution(review_set), "agreement": agreement(ratings), "scores": scores(ratings)}
        return Response(ResultsSerializer(found).data)

    @extend_schema(
        parameters=[FileQuery],
        responses={(200, content_type): OpenApiTypes.BINARY for content_type in CONTENT_TYPES.values()},
    )
    @action(detail=True, pagination_class=None)
    def file(self, request, pk):
        """The file that a reviewer fills in."""
        wanted = query_of(request, FileQuery)
        reviewer = wanted.get("reviewer") or request.user.get_username()
        review_set = self.get_object()
        content = export_review(review_set, reviewer, wanted["format"])
        AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, review_set, format=wanted["format"])
        return HttpResponse(content, content_type=CONTENT_TYPES[wanted["format"]])

    @extend_schema(request={"multipart/form-data": FilledFileSerializer}, responses=TakenInSerializer)
    @action(detail=True, methods=["post"], url_path="import")
    def take_in(self, request, pk):
        """Take a filled-in file in, whole or not at all."""
        review_set = self.get_object()
        given = FilledFileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        if fields["file"].size > LARGEST_FILE:
            raise InvalidInput(f"The file is too large: at most {LARGEST_FILE / 1e6:,.0f} MB are read.")
        content = fields["file"].read()
        if fields["dry_run"]:
            plan = plan_import(review_set, content, fields["reviewer"])
        else:
            plan = take_in(
                review_set,
                content,
                file_name=fields["file"].name,
                user=request.user,
                reviewer=fields["reviewer"],
                takes_conflicts=fields["takes_conflicts"],
            )[1]
        return Response({"reviewer": plan.reviewer, **plan.counts})
