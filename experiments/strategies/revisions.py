"""Chains of revised answers, some side by side: depth against width."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from ..domain import templating
from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import FinishReason, Message, Outcome, Question, Sample
from .base import Strategy, strategies
from .budgets import Budgeted
from .choosing import Candidate, choose, highest
from .dialogue import asked, shown


@strategies.register("revisions", label="Sequential revisions (emulated)")
class Revisions(Budgeted, Strategy):
    """P chains of S answers; each answer sees the latest ones of its chain and is asked to improve on them.

    Scaling LLM Test-Time Compute Optimally can be More Effective than Scaling Model Parameters, 2024, without its trained
    model: the prompt alone asks for the revision, so this is an emulation. With P x S fixed, the ratio S / P is what to sweep.
    The best of each chain by the verifier, then a vote of the chains weighted by it; or a majority in each chain, then among
    the chains.

    It misleads where revising spoils right answers: take the choice over the whole chain, never its last answer.
    """

    chains: int = Field(4, ge=1, le=1024, title="Chains (P)", description="Run side by side, knowing nothing of each other")
    length: int = Field(4, ge=1, le=64, title="Answers per chain (S)", description="The first one included")
    shown_attempts: int = Field(
        4, ge=1, le=64, title="Attempts shown", description="So many of the latest, with each new request"
    )
    choice: Literal["by_verifier", "majority"] = Field(
        "by_verifier", title="Final answer", description="How answers are chosen, in a chain and among the chains"
    )
    verifier: str = Field("mean_logprob", title="Verifier", description="Scores the answers; a majority needs none")

    @property
    def verifiers_used(self) -> frozenset[str]:
        return frozenset({self.verifier}) if self.choice == "by_verifier" else frozenset()

    @property
    def samples_per_attempt(self) -> int:
        return self.chains * self.length

    @property
    def samples_at_once(self) -> int:
        return self.chains

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        chains: list[list[Sample]] = [[] for _ in range(self.chains)]
        stopped = "every chain is complete"
        for _ in range(self.length):
            if self.is_budget_spent(lab):
                stopped = "token budget spent"
                break
            going = [chain for chain in chains if not chain or chain[-1].finish_reason != FinishReason.FAILED]
            answers = await asyncio.gather(*(self._next(question, chain, lab) for chain in going))
            for chain, (answer,) in zip(going, answers, strict=True):
                chain.append(answer)
        good = [[each for each in chain if each.finish_reason != FinishReason.FAILED] for chain in chains]
        chosen, why, unscored = await self._choose([chain for chain in good if chain], lab)
        told = [{"answers": [answer.index for answer in chain], "cues": [CUE] * (len(chain) - 1)} for chain in chains]
        trace = {"chains": told, "depth": self.length, "stopped": stopped, "chosen_by": why}
        return Outcome(chosen, {**trace, "unscored": unscored, **self.budget_trace(lab)})

    async def _next(self, question: Question, chain: Sequence[Sample], lab: Lab) -> list[Sample]:
        if not chain:
            return await lab.generate(question.messages)
        latest = chain[-self.shown_attempts :]
        attempts = "\n\n".join(f"Attempt {i}:\n{shown(answer)}" for i, answer in enumerate(latest, start=1))
        prompt = templating.render(REVISE, {"question": asked(question), "attempts": attempts})
        system = tuple(message for message in question.messages if message.role == "system")
        return await lab.generate((*system, Message("user", prompt)), parent=chain[-1])

    async def _choose(self, chains: Sequence[Sequence[Sample]], lab: Lab) -> tuple[Sample | None, str, int]:
        """The answer, what it was chosen by, and how many answers have no score."""
        ties = rng(lab.seed, "ties")
        if self.choice == "majority":
            winners = [(await choose("majority", _unscored(chain), lab, ties))[0] for chain in chains]
            return *await choose("majority", _unscored([each for each in winners if each is not None]), lab, ties), 0
        scores = await asyncio.gather(*(lab.verify(self.verifier, chain) for chain in chains))
        best = [
            highest([Candidate(*pair) for pair in zip(chain, scored, strict=True)], ties)
            for chain, scored in zip(chains, scores, strict=True)
        ]
        return *await choose("weighted_vote", best, lab, ties), sum(scored.count(None) for scored in scores)


def _unscored(samples: Sequence[Sample]) -> list[Candidate]:
    return [Candidate(sample, None) for sample in samples]


CUE = "revise"

REVISE = """\
{{ question }}

Here are previous attempts to answer. They may be wrong.

{{ attempts }}

Find what is wrong with them, if anything is, and write an improved answer, complete and in the form that was asked for."""
