"""A verifier that knows nothing, to compare the others with."""

from pydantic import Field

from ..domain.seeds import rng
from ..domain.types import Question, Sample
from .base import Verifier, VerifierLab, verifiers


@verifiers.register("random", label="Random (control)")
class RandomControl(Verifier):
    """A uniform random number from 0 to 1 that follows from the run's seed and the sample's place, whatever the text says.

    The control of Bag of Tricks for Inference-time Computation of LLM Reasoning, 2025: a verifier that does no better adds
    nothing but sampling. Costs no further call.
    """

    salt: int = Field(0, ge=0, title="Salt", description="Another number draws other scores")

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        return float(rng(lab.seed, "random verifier", self.salt, *sample.key).random())
