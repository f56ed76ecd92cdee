"""How likely the model itself found the whole text."""

from ..domain.types import Question, Sample
from .base import Verifier, VerifierLab, verifiers


@verifiers.register("sequence_logprob", label="Sequence logprob")
class SequenceLogprob(Verifier):
    """Sum of the chosen tokens' natural-log probabilities, before temperature and filters. Costs no further call.

    Of a text written in parts it is the sum over all of them; strings that ended a part are left out. None where the
    beginning was given and not written.

    Every token lowers it, so it favours short texts, cut-off ones and empty ones included.
    """

    needs = frozenset({"logprobs"})

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        logprobs = sample.whole_logprobs
        return sum(logprobs) if logprobs else None
