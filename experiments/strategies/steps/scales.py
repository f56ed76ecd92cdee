"""Scores as numbers between 0 and 1, for methods that treat them as probabilities."""

import math
from typing import Literal

from pydantic import Field

from ...domain.errors import InvalidInput
from .nodes import Node, aggregate
from .search import StepSearch

Scale = Literal["log_probabilities", "probabilities", "other_numbers"]

# Rounding may leave a log-probability a little above 0.
_ROUNDING = 1e-6


class ScaledSearch(StepSearch):
    """A search whose formula wants scores between 0 and 1."""

    path_score: Literal["last", "min", "max", "mean", "product"] = Field(
        "last", title="Score of a path", description="Out of the scores of its steps, each between 0 and 1"
    )
    scores_are: Scale = Field(
        "log_probabilities",
        title="Scores are",
        description="Log-probabilities become exp(score), probabilities stay, other numbers become 1 / (1 + exp(-score))",
    )

    def probability(self, node: Node) -> float:
        """The path's score between 0 and 1; a step without a score counts as 0. Raises InvalidInput for a wrong scale."""
        scores = [as_probability(each.score, self.scores_are, self.verifier) for each in node.path]
        return aggregate(scores, self.path_score) or 0.0


def as_probability(score: float | None, scale: Scale, verifier: str) -> float:
    """Between 0 and 1, 0 for a missing score. Raises InvalidInput where the score cannot be what the scale says."""
    if score is None:
        return 0.0
    match scale:
        case "log_probabilities" if score <= _ROUNDING:
            return math.exp(min(score, 0.0))
        case "probabilities" if 0 <= score <= 1:
            return score
        case "other_numbers":
            return 1 / (1 + math.exp(-score)) if score > 0 else math.exp(score) / (1 + math.exp(score))
    raise InvalidInput(
        f"The verifier “{verifier}” gave the score {score:g}, which is none of the {scale.replace('_', ' ')}. "
        "Choose another answer to “Scores are” in the strategy's options."
    )
