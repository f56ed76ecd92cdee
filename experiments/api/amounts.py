"""Amounts of money."""

import math

from rest_framework import serializers


class Amount(serializers.FloatField):
    """Zero or more, and a number: a cap that is not a number would cap nothing."""

    def __init__(self, **options):
        super().__init__(min_value=0, **options)

    def to_internal_value(self, data) -> float:
        amount = super().to_internal_value(data)
        if not math.isfinite(amount):
            raise serializers.ValidationError("This must be a finite number.")
        return amount
