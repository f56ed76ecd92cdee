"""Draw a pool and hand in what most of it agrees on."""

from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import FinishReason, Outcome, Question
from .base import strategies
from .choosing import Candidate, choose
from .drawing import Drawing


@strategies.register("self_consistency", label="Self-consistency")
class SelfConsistency(Drawing):
    """N independent answers; of the most frequent one a text is handed in. Texts without an answer do not vote.

    Self-Consistency Improves Chain of Thought Reasoning in Language Models (Wang et al.), 2022. Needs no verifier. A tie between
    answers is broken by lot, not by which came first.

    It misleads where the model makes the same mistake again and again: the vote then settles on it, the surer the larger N.
    """

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        samples = [each for each in await self.draw(question, lab) if each.finish_reason != FinishReason.FAILED]
        candidates = [Candidate(sample, None) for sample in samples]
        chosen, why = await choose("majority", candidates, lab, rng(lab.seed, "ties"))
        return Outcome(chosen, {"answers": len(samples), "chosen_by": why, **self.budget_trace(lab)})
