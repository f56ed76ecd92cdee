"""How far the truth test of a language model is."""

from rest_framework import serializers

from ..models import TruthTest


class TruthTestSerializer(serializers.ModelSerializer):
    """`rows` are known so far. When it is done, the whole report is the language model's `truth`."""

    class Meta:
        model = TruthTest
        fields = ("id", "state", "reason", "rows", "n_steps", "n_steps_done", "created_at", "finished_at")
