"""Sample answers in proportion to how good their steps look, instead of keeping only the best."""

from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import Outcome, Question
from .base import strategies
from .steps.particles import ParticleSearch
from .steps.walk import Walk


@strategies.register("particle_filter", label="Particle filtering")
class ParticleFilter(ParticleSearch):
    """After each step the particles are drawn anew, with replacement, in proportion to the odds of their scores.

    A Probabilistic Inference Approach to Inference-Time Scaling of LLMs using Particle-Based Monte Carlo Methods, 2025.
    Weak-looking answers survive sometimes, so a wrong score is not fatal. The trace holds each step's weights, ancestors
    and effective sample size, 1 / sum of squared weights.

    It misleads where scores know few levels: weights collapse onto one particle, the effective sample size falls to 1, and
    what comes back are copies. Scores are therefore clipped. A vote counts copies.
    """

    @property
    def samples_per_attempt(self) -> int:
        return self.particles * self.max_steps

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        walk = Walk(self, question, lab)
        resampling = rng(lab.seed, "resampling")
        particles, steps = await self.sweep(walk, resampling)
        return await self.conclude_by_weight(walk, particles, resampling, lineage=steps)
