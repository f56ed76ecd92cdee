"""How likely the model itself found the whole text."""

from ..domain.lab import Lab
from ..domain.types import Question, Sample
from .base import Verifier, verifiers


@verifiers.register("sequence_logprob", label="Sequence logprob")
class SequenceLogprob(Verifier):
    """Sum of the chosen tokens' natural-log probabilities; favours short texts. Costs no further call."""

    needs = frozenset({"logprobs"})

    async def score(self, question: Question, sample: Sample, lab: Lab) -> float | None:
        return sum(sample.token_logprobs) if sample.token_logprobs else None
