"""The shape of a run's progress."""

from datetime import timedelta

from rest_framework import serializers


class Seconds(serializers.FloatField):
    """A span of time as a number of seconds."""

    def to_representation(self, span: timedelta) -> float:
        return span.total_seconds()


class ProgressSerializer(serializers.Serializer):
    """Shares from 0 to 1: `done`, `correct`, `wrong` and `other` of the samples planned, the others of those stored."""

    samples = serializers.IntegerField()
    samples_planned = serializers.IntegerField()
    reused = serializers.IntegerField(help_text="Samples taken from earlier runs, at no cost")
    attempts = serializers.IntegerField()
    attempts_planned = serializers.IntegerField()
    attempts_failed = serializers.IntegerField()
    done = serializers.FloatField()
    correct = serializers.FloatField()
    wrong = serializers.FloatField()
    other = serializers.FloatField()
    cut_off = serializers.FloatField(allow_null=True)
    unparsed = serializers.FloatField(allow_null=True)
    failed = serializers.FloatField(allow_null=True)
    seconds_left = Seconds(source="time_left", allow_null=True)
    seconds_elapsed = Seconds(source="elapsed", allow_null=True)
    samples_per_second = serializers.FloatField(allow_null=True)
    tokens_per_second = serializers.FloatField(allow_null=True)
    prompt_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    reasoning_tokens = serializers.IntegerField()
    usage_estimated = serializers.IntegerField(help_text="Samples whose tokens the endpoint did not tell")
    calls = serializers.IntegerField(help_text="Calls that left for a paid endpoint")
    calls_failed = serializers.IntegerField(help_text="Those of them that brought no whole answer")
    calls_cut = serializers.IntegerField(help_text="Those of the failed ones whose text had begun and broke off")
    cost = serializers.FloatField(allow_null=True, help_text="Of those calls; null where nothing was paid")
    cost_expected = serializers.FloatField(allow_null=True, help_text="What the whole run comes to at this rate")
    spending_cap = serializers.FloatField(allow_null=True)
    flops = serializers.FloatField(allow_null=True)
