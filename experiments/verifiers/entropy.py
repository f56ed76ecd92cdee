"""How undecided the model was between next tokens."""

from ..domain.types import Question, Sample
from .base import Verifier, VerifierLab, verifiers


@verifiers.register("entropy", label="Entropy (low is better)")
class Entropy(Verifier):
    """Minus the mean entropy of the model's next-token distributions, in nats, before temperature and filters.

    Costs no further call: the numbers are taken while the text is written, so old texts can be scored only if they were
    written with them.

    It prefers stock phrases and repetition, which are easy to foretell, and says nothing of an answer that the model is
    surely wrong about. Where a text was written in parts it is that of the newest part.
    """

    needs = frozenset({"entropy"})
    measures = frozenset({"entropy"})

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        entropy = sample.measures.get("entropy")
        return None if entropy is None else -entropy
