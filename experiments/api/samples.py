"""The shape of a sample: the columns of an export as JSON, and its token logprobs."""

from rest_framework import serializers

from ..reports.export_columns import COLUMNS

_FIELDS = {
    "integer": serializers.IntegerField,
    "number": serializers.FloatField,
    "text": serializers.CharField,
    "time": serializers.DateTimeField,
    "json": serializers.JSONField,
}


class SampleSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        fields = {column.name: _FIELDS[column.kind](help_text=column.meaning, allow_null=column.optional) for column in COLUMNS}
        logprobs = serializers.ListField(
            child=serializers.FloatField(),
            allow_null=True,
            help_text="Natural logarithm of each chosen token's probability; null where the model gives none",
        )
        return {**fields, "token_logprobs": logprobs}
