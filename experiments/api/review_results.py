"""How agreement and scores by people look in the API."""

from rest_framework import serializers


class MeasuredSerializer(serializers.Serializer):
    """A value with its 95% interval over n units; null where there is no data."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    method = serializers.CharField()


class AgreeingSerializer(serializers.Serializer):
    first = serializers.CharField()
    second = serializers.CharField()
    raw = MeasuredSerializer()
    cohen_kappa = MeasuredSerializer(source="kappa")


class JudgeSerializer(serializers.Serializer):
    """`shares` are how often each verdict was given; “unsure” is counted apart."""

    name = serializers.CharField()
    n = serializers.IntegerField()
    n_unsure = serializers.IntegerField()
    shares = serializers.SerializerMethodField()

    def get_shares(self, judge) -> dict[str, dict]:
        return {category: MeasuredSerializer(share).data for category, share in judge.shares}


class AgreementSerializer(serializers.Serializer):
    caution = serializers.CharField()
    judges = JudgeSerializer(many=True)
    with_grader = AgreeingSerializer(many=True)
    among_reviewers = AgreeingSerializer(many=True)
    together = serializers.SerializerMethodField()
    criteria = serializers.SerializerMethodField()

    def get_together(self, agreement) -> dict[str, dict]:
        return {name: MeasuredSerializer(estimate).data for name, estimate, _ in agreement.together}

    def get_criteria(self, agreement) -> dict[str, dict]:
        return {title: MeasuredSerializer(estimate).data for title, estimate in agreement.criteria}


class ConditionScoreSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    n_texts = serializers.IntegerField()
    n_no_judgement = serializers.IntegerField()
    by_grader = MeasuredSerializer()
    by_people = MeasuredSerializer()
    difference = MeasuredSerializer()


class ConditionDifferenceSerializer(serializers.Serializer):
    first = serializers.CharField()
    second = serializers.CharField()
    by_grader = MeasuredSerializer()
    by_people = MeasuredSerializer()


class PreferenceSerializer(serializers.Serializer):
    first = serializers.CharField()
    second = serializers.CharField()
    n_first = serializers.IntegerField()
    n_second = serializers.IntegerField()
    n_tied = serializers.IntegerField()
    balance = MeasuredSerializer()
    left_share = MeasuredSerializer()


class HumanScoresSerializer(serializers.Serializer):
    n_settled = serializers.IntegerField()
    n_open = serializers.IntegerField()
    n_undecided = serializers.IntegerField()
    conditions = ConditionScoreSerializer(many=True)
    differences = ConditionDifferenceSerializer(many=True)
    preference = PreferenceSerializer(allow_null=True)


class ResultsSerializer(serializers.Serializer):
    """`caution` says why the figures do not speak for the run, where its texts were not drawn at random."""

    caution = serializers.CharField()
    agreement = AgreementSerializer()
    scores = HumanScoresSerializer()
