"""How many of the attempt's answers agree."""

from collections import Counter
from collections.abc import Sequence

from ..domain.types import Question, Sample
from .base import PoolVerifier, VerifierLab, verifiers


@verifiers.register("self_consistency", label="Self-consistency")
class SelfConsistency(PoolVerifier):
    """The share of the attempt's texts that come to the same answer as this one; texts without an answer have no score.

    Self-Consistency Improves Chain of Thought Reasoning in Language Models, 2022. Costs no further call. The grader reads
    the answers and does not tell which is right.

    Choosing by it is majority voting, and it fails where the most common answer is a common mistake. The share is of all
    texts of the attempt, so for fewer samples than were drawn it knows more than those samples would tell.
    """

    async def score_pool(self, question: Question, samples: Sequence[Sample], lab: VerifierLab) -> list[float | None]:
        answers = [await lab.answer_of(sample) for sample in samples]
        votes = Counter(answer for answer in answers if answer is not None)
        return [None if answer is None else votes[answer] / len(samples) for answer in answers]
