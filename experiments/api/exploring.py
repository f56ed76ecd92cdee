"""The numbers of the interactive figure, for any state of it."""

from dataclasses import asdict, replace

from rest_framework import serializers
from rest_framework.request import Request

from ..domain.errors import InvalidInput
from ..models import Run
from ..reports.explorers import explorer_of
from ..reports.exploring import ExploredCurve


class ExploreQuery(serializers.Serializer):
    """What is left out takes its usual value; what is offered is told in the answer."""

    conditions = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Their keys; repeat to name several"
    )
    selectors = serializers.ListField(child=serializers.CharField(), required=False, help_text="As majority or best:mean_logprob")
    baseline = serializers.CharField(required=False, help_text="The selector that differences are against")
    x = serializers.CharField(required=False, help_text="What costs are in: samples, tokens, seconds, …")
    k = serializers.IntegerField(required=False, help_text="Of the offered ks, for the differences")
    problems = serializers.CharField(required=False, help_text="The group of problems, as all or oracle-1of3")


class PooledEstimateSerializer(serializers.Serializer):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    method = serializers.CharField()


class ExploredPointSerializer(serializers.Serializer):
    k = serializers.IntegerField()
    accuracy = PooledEstimateSerializer()
    cost = PooledEstimateSerializer()


class ExploredCurveSerializer(serializers.Serializer):
    condition = serializers.CharField()
    selector = serializers.CharField()
    is_oracle = serializers.BooleanField()
    points = ExploredPointSerializer(many=True)
    difference = PooledEstimateSerializer(allow_null=True, help_text="To the baseline at the state's k, paired by problem")


class ExploreStateSerializer(serializers.Serializer):
    conditions = serializers.ListField(child=serializers.CharField())
    selectors = serializers.ListField(child=serializers.CharField())
    baseline = serializers.CharField()
    x = serializers.CharField()
    k = serializers.IntegerField()
    problems = serializers.CharField()


class OfferedSerializer(serializers.Serializer):
    conditions = serializers.DictField(child=serializers.CharField(), help_text="Key to label, as the others")
    selectors = serializers.DictField(child=serializers.CharField())
    x = serializers.DictField(child=serializers.CharField())
    problems = serializers.DictField(child=serializers.CharField())
    ks = serializers.ListField(child=serializers.IntegerField())


class ExploredSerializer(serializers.Serializer):
    state = ExploreStateSerializer()
    offered = OfferedSerializer()
    curves = ExploredCurveSerializer(many=True)


def explored(run: Run, request: Request) -> dict:
    """The answer as plain data. Raises InvalidInput for a state that is not offered and while there is nothing to look at."""
    query = ExploreQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    explorer = explorer_of(run)
    if explorer.is_empty:
        raise InvalidInput(f"Run {run.pk} has no complete pool of samples yet, so there is no curve to draw.")
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in query.validated_data.items() if value}
    state = replace(explorer.usual(), **given)
    return {
        "state": asdict(state),
        "offered": {
            "conditions": explorer.conditions,
            "selectors": {each.name: each.label for each in explorer.selectors.values()},
            "x": explorer.units,
            "problems": {group.name: f"{group.family}: {group.label}".removeprefix(": ") for group in explorer.groups.values()},
            "ks": explorer.ks,
        },
        "curves": [_plain(curve) for curve in explorer.explore(state).curves],
    }


def _plain(curve: ExploredCurve) -> dict:
    points = zip(curve.ks, curve.accuracy, curve.cost, strict=True)
    return {
        "condition": curve.condition,
        "selector": curve.selector.name,
        "is_oracle": curve.selector.is_oracle,
        "points": [{"k": k, "accuracy": vars(accuracy), "cost": vars(cost)} for k, accuracy, cost in points],
        "difference": curve.difference and vars(curve.difference),
    }
