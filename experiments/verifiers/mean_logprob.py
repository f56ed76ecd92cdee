"""How likely the model itself found the text, per token."""

from ..domain.types import Question, Sample
from .base import Verifier, VerifierLab, verifiers


@verifiers.register("mean_logprob", label="Mean logprob")
class MeanLogprob(Verifier):
    """Mean natural-log probability of the chosen tokens, before temperature and filters. Costs no further call.

    Of a text written in parts it is the mean over all of them; strings that ended a part are left out. None where the
    beginning was given and not written.

    It prefers what is easy to say: short sentences, repetition, the prompt's own words. Not comparable between models.
    """

    needs = frozenset({"logprobs"})

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        logprobs = sample.whole_logprobs
        return sum(logprobs) / len(logprobs) if logprobs else None
