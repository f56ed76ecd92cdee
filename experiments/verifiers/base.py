"""A verifier ranks samples WITHOUT the target. What it spends is part of the cost."""

from abc import abstractmethod
from typing import ClassVar

from ..domain.lab import Lab
from ..domain.registry import Options, Registry
from ..domain.types import Question, Sample


class Verifier(Options):
    """Options are fields; `needs` as for strategies. Higher scores are better."""

    name: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    async def score(self, question: Question, sample: Sample, lab: Lab) -> float | None:
        """A finite score, or None where this sample cannot be scored."""


verifiers: Registry[Verifier] = Registry("verifier", "experiments.verifiers")
