"""How likely the model itself found the text, per token."""

from ..domain.lab import Lab
from ..domain.types import Question, Sample
from .base import Verifier, verifiers


@verifiers.register("mean_logprob", label="Mean logprob")
class MeanLogprob(Verifier):
    """Mean natural-log probability of the chosen tokens, before temperature and filters. Costs no further call."""

    needs = frozenset({"logprobs"})

    async def score(self, question: Question, sample: Sample, lab: Lab) -> float | None:
        return sample.mean_logprob
