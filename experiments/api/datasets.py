"""Datasets and their problems. A dataset never changes: posting the same name again stores its next version."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from tempfile import NamedTemporaryFile

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from ..domain.errors import InvalidInput
from ..domain.types import ProblemDraft
from ..models import Dataset, Problem
from ..sources.base import sources
from .pagination import InOrder


class DatasetSerializer(serializers.ModelSerializer):
    class Meta:
        model = Dataset
        fields = (
            *("id", "name", "version", "description", "source", "source_params", "content_hash", "n_problems"),
            *("author", "created_at"),
        )


class ProblemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Problem
        fields = ("id", "position", "key", "question", "answers", "choices", "metadata", "content_hash")


class ProblemDraftSerializer(serializers.Serializer):
    """A problem to store; `key` names it inside its dataset."""

    key = serializers.CharField(max_length=200)
    question = serializers.CharField(trim_whitespace=False)
    answers = serializers.ListField(child=serializers.CharField(trim_whitespace=False), default=list)
    choices = serializers.ListField(child=serializers.CharField(trim_whitespace=False), default=list)
    metadata = serializers.DictField(default=dict)


class NewDatasetSerializer(serializers.Serializer):
    """Either the problems themselves, or a source with its options and, where it reads one, a file."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(default="", allow_blank=True)
    problems = ProblemDraftSerializer(many=True, required=False, allow_empty=False)
    source = serializers.CharField(required=False, help_text="Name of a source; a file's ending names it otherwise")
    params = serializers.JSONField(default=dict, help_text="The source's options")
    file = serializers.FileField(required=False, help_text="multipart/form-data only")

    def validate_params(self, params) -> dict:
        """A form's text field brings the options as JSON text."""
        try:
            params = json.loads(params) if isinstance(params, str) else params
        except ValueError:
            params = None
        if not isinstance(params, dict):
            raise serializers.ValidationError("The options must be a JSON object.")
        return params

    def validate(self, fields: dict) -> dict:
        if "file" in fields and "source" not in fields:
            fields["source"] = PurePath(fields["file"].name).suffix.removeprefix(".").lower()
        if ("problems" in fields) == ("source" in fields):
            raise serializers.ValidationError("Give either “problems”, or a “source” or a “file” to take them from.")
        return fields

    def create(self, fields: dict) -> Dataset:
        """Raises InvalidInput naming row and column; then nothing is stored."""
        about = {"name": fields["name"], "description": fields["description"], "author": self.context["request"].user}
        if "problems" in fields:
            return Dataset.objects.store(drafts=_drafts(fields["problems"]), source="api", source_params={}, **about)
        source = sources.build(fields["source"], fields["params"])
        if source.needs_file and "file" not in fields:
            raise InvalidInput(f"“{source.label}” reads a file: send one as multipart/form-data.")
        with _on_disk(fields.get("file")) as path:
            params = source.model_dump(mode="json")
            return Dataset.objects.store(drafts=source.problems(path), source=source.name, source_params=params, **about)


class DatasetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = Dataset.objects.all()
    serializer_class = DatasetSerializer
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(request=NewDatasetSerializer, responses={201: DatasetSerializer})
    def create(self, request):
        """Store problems given here, read from an uploaded file, or made by a generator; all of them or none."""
        new = NewDatasetSerializer(data=request.data, context={"request": request})
        new.is_valid(raise_exception=True)
        return Response(DatasetSerializer(new.save()).data, status=201)

    @extend_schema(responses=ProblemSerializer(many=True))
    @action(detail=True, pagination_class=InOrder)
    def problems(self, request, pk):
        """In their order."""
        page = self.paginate_queryset(self.get_object().problems.all())
        return self.get_paginated_response(ProblemSerializer(page, many=True).data)


def _drafts(problems: list[dict]) -> Iterator[ProblemDraft]:
    seen: set[str] = set()
    for number, problem in enumerate(problems, 1):
        if problem["key"] in seen:
            raise InvalidInput(f"Problem {number} repeats the key “{problem['key']}”; keys must differ. Nothing was saved.")
        seen.add(problem["key"])
        yield ProblemDraft(**{**problem, "answers": tuple(problem["answers"]), "choices": tuple(problem["choices"])})


@contextmanager
def _on_disk(upload) -> Iterator[str | None]:
    """The upload's path while the block runs; sources read files, and a small upload has none yet."""
    if upload is None:
        yield None
        return
    with NamedTemporaryFile(suffix=PurePath(upload.name).suffix) as copy:
        for piece in upload.chunks():
            copy.write(piece)
        copy.flush()
        yield copy.name
