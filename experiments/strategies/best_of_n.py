"""Draw a pool and hand in the best of it."""

from typing import Literal

from pydantic import Field

from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import FinishReason, Outcome, Question
from .base import strategies
from .choosing import Candidate, choose
from .drawing import Drawing
from .keeping import choose as ask_to_choose


@strategies.register("best_of_n", label="Best of N")
class BestOfN(Drawing):
    """N independent answers; the one with the highest score is handed in, or the best of the answer with the largest weight.

    Bag of Tricks for Inference-time Computation of LLM Reasoning, 2025. The chooser is that of A Comparative Study on Reasoning
    Patterns of OpenAI's o1 Model, 2024: one more call to the same model sees all answers and names one by its number, for
    a chooser that writes the answer again may change it. Where it names none, the majority decides.

    It misleads where N is large and the verifier is weak: the highest of many scores is ever more often a mistake of the
    verifier, so that accuracy can fall with N.
    """

    choice: Literal["highest_score", "weighted_vote", "chooser"] = Field(
        "highest_score", title="Final answer", description="How one of the answers is chosen"
    )
    verifier: str = Field("mean_logprob", title="Verifier", description="Scores the answers; a chooser needs none")

    @property
    def verifiers_used(self) -> frozenset[str]:
        return frozenset() if self.choice == "chooser" else frozenset({self.verifier})

    @property
    def samples_per_attempt(self) -> int:
        return self.n + (self.choice == "chooser")

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        samples = [each for each in await self.draw(question, lab) if each.finish_reason != FinishReason.FAILED]
        unscored = 0
        if samples and self.choice == "chooser":
            kept = await ask_to_choose(question, samples, lab)
            chosen, why = kept.sample, kept.why
        else:
            scores = await lab.verify(self.verifier, samples)
            unscored = scores.count(None)
            candidates = [Candidate(sample, score) for sample, score in zip(samples, scores, strict=True)]
            chosen, why = await choose(self.choice, candidates, lab, rng(lab.seed, "ties"))
        told = {"answers": len(samples), "unscored": unscored, "chosen_by": why}
        return Outcome(chosen, {**told, **self.budget_trace(lab)})
