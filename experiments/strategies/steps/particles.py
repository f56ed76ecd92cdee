"""Particles: partial answers that are resampled in proportion to how promising they look."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from ...domain.types import Outcome
from .nodes import Node
from .scales import ScaledSearch
from .walk import Walk


class ParticleSearch(ScaledSearch):
    """Options of the particle methods, and one sweep of them.

    A particle's log weight is the logit of its path's score, which replaces the one before; all particles are resampled after
    each step, the finished ones with their final weight.
    """

    choice: Literal["largest_weight", "draw_by_weight", "weighted_vote", "majority"] = Field(
        "largest_weight", title="Final answer", description="How one of the final particles is chosen"
    )
    particles: int = Field(8, ge=1, le=4096, title="Particles", description="Partial answers that live side by side")
    temperature: float = Field(
        1.0, gt=0, le=100, title="Weight temperature (T)", description="Weights are the odds of the scores to the power of 1 / T"
    )
    last_temperature: float = Field(
        1.0, gt=0, le=100, title="Last weight temperature", description="What T has become after the steps of its change"
    )
    temperature_steps: int = Field(
        0, ge=0, le=1000, title="Steps of its change", description="T goes to its last value in a line over so many; 0 keeps it"
    )
    clip: float = Field(
        0.05, gt=0, lt=0.5, title="Clip scores at", description="Scores are kept so far from 0 and 1, lest one particle takes all"
    )

    @property
    def samples_at_once(self) -> int:
        return self.particles

    def temperature_at(self, step: int) -> float:
        """Step 0 is the first."""
        if not self.temperature_steps:
            return self.temperature
        share = min(step / self.temperature_steps, 1.0)
        return self.temperature + share * (self.last_temperature - self.temperature)

    def weights(self, nodes: Sequence[Node], step: int) -> np.ndarray:
        """Normalised, at the temperature of the step."""
        return softmax_of_logits([self.probability(node) for node in nodes], self.temperature_at(step), self.clip)

    async def sweep(
        self, walk: Walk, rng: np.random.Generator, references: Sequence[Node] = ()
    ) -> tuple[list[Node], list[dict[str, Any]]]:
        """The particles when all have ended, those of `references` last, and what happened at each step.

        A reference is a finished path: at each step it takes part as it stood after that step, and so does a copy of it, which
        goes on from there. Where the token budget is spent, not all have ended.
        """
        free = [walk.root] * (self.particles - len(references))
        told: list[dict[str, Any]] = []
        while any(node.is_live for node in free):
            step = len(told)
            written = await walk.advance(free)
            if not written:
                break
            pool = [node for node in written if node.is_live or node.is_finished]
            pool += [reference.path[min(step, reference.depth - 1)] for reference in references]
            if not pool:
                return list(references), told
            weights = self.weights(pool, step)
            ancestors = rng.choice(len(pool), size=len(free), p=weights).tolist()
            free = [pool[i] for i in ancestors]
            told.append(_step(pool, weights, ancestors))
        return [*free, *references], told

    async def conclude_by_weight(self, walk: Walk, particles: Sequence[Node], rng: np.random.Generator, **trace: Any) -> Outcome:
        """Hand in the finished particles and choose among them; in a vote copies count as often as they are there."""
        finished = [node for node in particles if node.is_finished]
        if not finished or self.choice in ("weighted_vote", "majority"):
            return await walk.conclude(finished, self.choice, **trace)
        if self.choice == "largest_weight":
            chosen = max(finished, key=self.probability)
        else:
            chosen = finished[rng.choice(len(finished), p=self.weights(finished, self.max_steps))]
        return walk.conclude_with(chosen, self.choice.replace("_", " "), finished, **trace)


def softmax_of_logits(scores: Sequence[float], temperature: float, clip: float) -> np.ndarray:
    """Weights proportional to (s / (1 - s)) ** (1 / T), scores first clipped to [clip, 1 - clip]."""
    clipped = np.clip(np.asarray(scores, dtype=float), clip, 1 - clip)
    logits = np.log(clipped / (1 - clipped)) / temperature
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def effective_sample_size(weights: np.ndarray) -> float:
    """1 / sum of squares of normalised weights: between 1 and their number."""
    return 1 / math.fsum(weights**2)


def _step(pool: Sequence[Node], weights: np.ndarray, ancestors: Sequence[int]) -> dict[str, Any]:
    """`samples` are the pool's steps by their index in the attempt, `ancestors` places in the pool, one for each new particle."""
    return {
        "samples": [node.sample.index for node in pool],
        "weights": [round(float(weight), 6) for weight in weights],
        "effective_sample_size": effective_sample_size(weights),
        "ancestors": list(ancestors),
        "distinct_ancestors": len({pool[i].sample.key for i in ancestors}),
    }
