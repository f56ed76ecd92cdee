"""Whether a language model can serve what a plan asks of it: what its backend promises, less what the truth test refuted."""

from datetime import UTC, datetime

from ..domain.errors import InvalidInput
from ..domain.registry import Options
from ..domain.types import Decoding
from ..inference.base import Backend
from ..models import LanguageModel

_REFUTED = ("ignores", "refuses")


class Serving:
    """One language model of a plan. The checks raise InvalidInput naming what is not served and what was seen."""

    def __init__(self, entry: LanguageModel, backend: Backend):
        self._name = entry.name
        self._capabilities = backend.capabilities
        self._truth = entry.truth or {}
        self._seen = {
            _normal(row["feature"]): f"{row['verdict']} it ({row['seen']})"
            for row in self._truth.get("rows", ())
            if row["verdict"] in _REFUTED
        }

    def check_method(self, plugin: Options) -> None:
        """Everything that a strategy or verifier needs."""
        if missing := plugin.needs - self._capabilities:
            raise InvalidInput(f"“{plugin.label}” needs {', '.join(sorted(missing))}, which “{self._name}” does not give.")
        for need in sorted(plugin.needs):
            self._check(need, f"“{plugin.label}” needs {need.replace('_', ' ')}", "Choose another method or model")

    def check_decoding(self, decoding: Decoding) -> None:
        if decoding.stop:
            self._check("stop", "The decoding has stop strings", "Leave them out")

    def check_system(self, variant: str, system: str) -> None:
        if system:
            self._check("system_role", f"Variant “{variant}” has a system message", "Write it into the user's message")

    def _check(self, feature: str, words: str, remedy: str) -> None:
        if feature in self._seen:
            day = datetime.fromtimestamp(self._truth["asked_at"], UTC).date()
            raise InvalidInput(
                f"{words}, but “{self._name}” {self._seen[feature]}, as the truth test of {day} saw. "
                f"{remedy}, or take the truth test again."
            )


def _normal(feature: str) -> str:
    return feature.lower().replace(" ", "_")
