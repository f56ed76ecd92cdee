"""How likely a model finds a text that it is given, and which of several texts it finds likeliest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..domain.types import Usage


@dataclass(frozen=True)
class Score:
    """One given text. Natural logs of its tokens' probabilities; that the text ends there is not part of it.

    In `usage` the text counts as prompt, because it was read and not written.
    """

    token_logprobs: tuple[float, ...]
    usage: Usage = field(default_factory=Usage)

    @property
    def total(self) -> float:
        """The log-probability of the whole text: comparable between texts, and lower for longer ones."""
        return math.fsum(self.token_logprobs)

    @property
    def mean(self) -> float:
        """Per token, which does not favour short texts."""
        return self.total / len(self.token_logprobs)


@dataclass(frozen=True)
class Reward:
    """What a reward model makes of a text: higher is better, the scale is the model's own."""

    value: float
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class RankedChoice:
    """`probability` is the share among the choices: those of one ranking sum to 1."""

    choice: str
    score: Score
    probability: float


def ranking(choices: Sequence[str], scores: Sequence[Score]) -> list[RankedChoice]:
    """The choices by their total log-probability, likeliest first; equal ones keep their order."""
    best = max(score.total for score in scores)
    weights = [math.exp(score.total - best) for score in scores]
    shares = [weight / math.fsum(weights) for weight in weights]
    ranked = [RankedChoice(*each) for each in zip(choices, scores, shares, strict=True)]
    return sorted(ranked, key=lambda each: -each.score.total)
