"""Particle filtering, swept again and again around an answer that was good the last time."""

from pydantic import Field, model_validator

from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import Outcome, Question
from .base import strategies
from .steps.nodes import Node
from .steps.particles import ParticleSearch
from .steps.walk import OUT_OF_TOKENS, Walk


@strategies.register("particle_gibbs", label="Particle Gibbs")
class ParticleGibbs(ParticleSearch):
    """Several sweeps of particle filtering; after each, reference answers are drawn by weight and take part in the next.

    A Probabilistic Inference Approach to Inference-Time Scaling of LLMs using Particle-Based Monte Carlo Methods, 2025.
    A reference is compared by its weight at the same step, and what is resampled from it goes on from there. The answer is
    chosen among the particles of the last sweep that brought any; there is no ancestor sampling.

    It misleads where “any sweep was right” is reported: that needs an oracle. It costs sweeps times particles, not more wisdom
    than one filter with as many particles by itself.
    """

    sweeps: int = Field(2, ge=1, le=64, title="Sweeps", description="Each costs as much as a particle filter")
    references: int = Field(1, ge=1, le=1024, title="References", description="Answers kept from sweep to sweep")

    @model_validator(mode="after")
    def _particles_are_left(self):
        if self.references >= self.particles:
            raise ValueError(f"{self.references} references leave none of {self.particles} particles free")
        return self

    @property
    def samples_per_attempt(self) -> int:
        return self.sweeps * self.particles * self.max_steps

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        walk = Walk(self, question, lab)
        resampling = rng(lab.seed, "resampling")
        references: list[Node] = []
        finished: list[Node] = []
        told = []
        for _ in range(self.sweeps):
            particles, steps = await self.sweep(walk, resampling, references)
            finished = [node for node in particles if node.is_finished] or finished
            told.append({"references": [node.sample.index for node in references], "steps": steps})
            if not finished or walk.stopped == OUT_OF_TOKENS:
                break
            drawn = resampling.choice(len(finished), size=self.references, p=self.weights(finished, self.max_steps))
            references = [finished[i] for i in drawn]
        return await self.conclude_by_weight(walk, finished, resampling, lineage=told)
