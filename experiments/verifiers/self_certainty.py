"""How far the model's next-token distributions were from not knowing anything."""

from ..domain.types import Question, Sample
from .base import Verifier, VerifierLab, verifiers


@verifiers.register("self_certainty", label="Self-certainty")
class SelfCertainty(Verifier):
    """Mean divergence of the model's next-token distributions from the uniform one, KL(U || p), in nats.

    Scalable Best-of-N Selection for Large Language Models via Self-Certainty, 2025. Costs no further call: the numbers are
    taken while the text is written, so old texts can be scored only if they were written with them.

    It says how sure the model was, not whether it was right, and misleads where a model is sure of its mistakes. Not
    comparable between models. Where a text was written in parts it is that of the newest part.
    """

    needs = frozenset({"entropy"})
    measures = frozenset({"self_certainty"})

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        return sample.measures.get("self_certainty")
