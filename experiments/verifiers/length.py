"""Length as if it were quality: the cheapest verifier, and what others have to beat."""

from typing import Literal

from pydantic import Field

from ..domain.types import Question, Sample
from .base import Verifier, VerifierLab, verifiers


@verifiers.register("length", label="Length")
class Length(Verifier):
    """The number of words or characters of the text, or minus it. Costs no further call.

    A baseline: a judge that does no better may only be counting words. Short prefers empty and cut-off texts too; long
    prefers texts that repeat themselves until the token limit.
    """

    prefer: Literal["shorter", "longer"] = Field("shorter", title="Prefer", description="Which texts score higher")
    unit: Literal["words", "characters"] = Field("words", title="Counted in", description="Words are what white space separates")

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        text = sample.whole_text
        length = len(text.split()) if self.unit == "words" else len(text)
        return float(length if self.prefer == "longer" else -length)
