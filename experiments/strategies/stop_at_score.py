"""Draw answers until a verifier gives one a score that is good enough."""

from collections.abc import Sequence

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import Question, Sample
from .adaptive_best import AdaptiveBest
from .base import strategies


@strategies.register("stop_at_score", label="Stop at a verifier's score (untrained)")
class StopAtScore(AdaptiveBest):
    """The first answer that a verifier scores at the threshold or above ends the drawing; the highest score is handed in.

    The controller of Adaptive Inference-Time Compute: LLMs Can Predict if They Can Do Better, Even Mid-Generation, 2024, which
    trained its model to predict; here any verifier of the run decides. It misleads where the score is flat or not calibrated:
    the threshold then stops at random. A threshold chosen by accuracy must be chosen on other problems. A verifier that compares
    answers with each other sees those drawn at once only.
    """

    verifier: str = Field("mean_logprob", title="Verifier", description="Whose scores decide; the run must use it")
    score: float = Field(
        -0.2,
        ge=-1_000_000,
        le=1_000_000,
        title="Good enough",
        description="A score at which drawing ends, in the verifier's units",
    )

    @property
    def threshold(self) -> float:
        return self.score

    @property
    def verifiers_used(self) -> frozenset[str]:
        return frozenset({self.verifier})

    async def scores(self, question: Question, answers: Sequence[Sample], lab: Lab) -> list[float | None]:
        return await lab.verify(self.verifier, answers)
