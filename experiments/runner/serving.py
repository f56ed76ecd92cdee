"""Whether a language model can serve what a plan asks of it: what its backend promises, less what the truth test refuted."""

from datetime import UTC, date, datetime

from ..domain.errors import InvalidInput
from ..domain.registry import Options
from ..domain.types import Decoding
from ..inference.base import Backend
from ..models import LanguageModel
from ..verifiers.base import RATES, Verifier

_REFUTED = ("ignores", "refuses")
_WORDS = {
    "continues": "answers that go on from a given beginning",
    "scores_text": "the likelihood of given texts",
    "constrains": "answers held to a grammar",
}
#: What the truth test calls the abilities that only it can show.
_TESTED_AS = {"continues": "prefix", "scores_text": "given_texts", "top_logprobs": "logprobs"}


class Serving:
    """One language model of a plan. The checks raise InvalidInput naming what is not served and what was seen."""

    def __init__(self, entry: LanguageModel, backend: Backend):
        self._name = entry.name
        self._backend = backend
        self._capabilities = backend.capabilities
        self._writes = backend.writes
        self._truth = entry.truth or {}
        self._seen = {
            _normal(row["feature"]): f"{row['verdict']} it ({row['seen']})"
            for row in self._truth.get("rows", ())
            if row["verdict"] in _REFUTED
        }

    def check_method(self, plugin: Options) -> None:
        """Everything that a strategy or verifier needs."""
        if missing := plugin.needs - self._capabilities:
            needed = ", ".join(_WORDS.get(need, need) for need in sorted(missing))
            why = self._why_not(sorted(missing)[0])
            raise InvalidInput(f"“{plugin.label}” needs {needed}, which “{self._name}” does not give.{why}")
        for need in sorted(plugin.needs):
            self._check(need, f"“{plugin.label}” needs {need.replace('_', ' ')}", "Choose another method or model")

    def check_writes(self) -> None:
        if not self._writes:
            raise InvalidInput(
                f"“{self._name}” rates texts and writes none: choose it in a verifier, and another model for the experiment."
            )

    def check_judge(self, verifier: Verifier) -> None:
        """That the model can be asked by the verifier."""
        if missing := verifier.judge_needs - self._capabilities:
            needed = ", ".join(_WORDS.get(need, need) for need in sorted(missing))
            raise InvalidInput(
                f"“{verifier.label}” needs {needed} of the language model it asks, which “{self._name}” does not give."
                f"{self._why_not(sorted(missing)[0])}"
            )
        if RATES not in verifier.judge_needs:
            self.check_writes()
        for need in sorted(verifier.judge_needs):
            self._check(need, f"“{verifier.label}” needs {need.replace('_', ' ')}", "Let it ask another model")

    def check_decoding(self, decoding: Decoding) -> None:
        try:
            self._backend.check_decoding(decoding)
        except InvalidInput as error:
            raise InvalidInput(f"The decoding does not suit “{self._name}”. {error}") from None
        if decoding.stop:
            self._check("stop", "The decoding has stop strings", "Leave them out")

    def check_system(self, who: str) -> None:
        """`who` writes one, in words."""
        self._check("system_role", who, "Write it into the user's message")

    def _why_not(self, need: str) -> str:
        """What an endpoint's truth test has to do with it, as a further sentence."""
        feature = _TESTED_AS.get(need)
        if feature is None or not self._backend.is_remote:
            return ""
        if not self._truth:
            return " Its truth test, which was not taken yet, may find that it does."
        if feature in self._seen:
            return f" It {self._seen[feature]}, as the truth test of {self._day} saw."
        return " It may with its option “Raw completions”." if need == "scores_text" else ""

    @property
    def _day(self) -> date:
        return datetime.fromtimestamp(self._truth["asked_at"], UTC).date()

    def _check(self, feature: str, words: str, remedy: str) -> None:
        if feature in self._seen:
            raise InvalidInput(
                f"{words}, but “{self._name}” {self._seen[feature]}, as the truth test of {self._day} saw. "
                f"{remedy}, or take the truth test again."
            )


def _normal(feature: str) -> str:
    return feature.lower().replace(" ", "_")
