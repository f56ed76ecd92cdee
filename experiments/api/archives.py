"""A run as one file, and back."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from ..models import AuditEntry
from ..reports.download import download_pieces, file_name
from ..runner.archives.restoring import restore_run
from ..runner.archives.writing import Writing


class RestoreSerializer(serializers.Serializer):
    """An archive of a run."""

    file = serializers.FileField()
    again = serializers.BooleanField(default=False, help_text="Also if the run is here already: as a run of its own")


class RestoredSerializer(serializers.Serializer):
    """`notes` are sentences about what was found here, what got another name, and what could not be taken along."""

    run = serializers.IntegerField(source="run.pk")
    state = serializers.CharField(source="run.state")
    notes = serializers.ListField(child=serializers.CharField())


class ArchiveActions:
    """Of the runs' viewset."""

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True)
    def archive(self, request, pk):
        """Everything stored of a run that is at rest, as one file that `restore` takes, here or in another installation."""
        run = self.get_object()
        pieces = Writing(run).pieces()
        AuditEntry.objects.record(request.user, AuditEntry.Action.EXPORTED, run, format="archive")
        return download_pieces(pieces, "application/zip", file_name(run, "archive.zip"))

    @extend_schema(
        request={"multipart/form-data": RestoreSerializer},
        responses={status.HTTP_201_CREATED: RestoredSerializer},
    )
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def restore(self, request):
        """Make a run of an archive, whole or not at all. Nothing is asked of a model; a run that had not ended is paused."""
        sent = RestoreSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        restored = restore_run(sent.validated_data["file"], request.user, again=sent.validated_data["again"])
        return Response(RestoredSerializer(restored).data, status=status.HTTP_201_CREATED)
