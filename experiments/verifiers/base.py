"""A verifier ranks samples WITHOUT the target. What it spends is part of the cost."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from ..domain.lab import Lab
from ..domain.registry import Options, Registry
from ..domain.types import Question, Sample


class Verifier(Options):
    """Options are fields; `needs` as for strategies. Higher scores are better.

    `version` goes up whenever the same text could be scored differently than before. `measures` names the numbers about
    a text that it reads (`Sample.measures`). The lab it is given draws texts with the purpose JUDGE.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    measures: ClassVar[frozenset[str]] = frozenset()
    version: ClassVar[int] = 1

    @abstractmethod
    async def score(self, question: Question, sample: Sample, lab: Lab) -> float | None:
        """A finite score of `sample.whole_text`, or None where this sample cannot be scored."""


class PoolVerifier(Verifier):
    """One that scores the answers of an attempt against each other, when all of them are there."""

    @abstractmethod
    async def score_pool(self, question: Question, samples: Sequence[Sample], lab: Lab) -> list[float | None]:
        """A score for each sample, in their order."""

    async def score(self, question: Question, sample: Sample, lab: Lab) -> float | None:
        return (await self.score_pool(question, [sample], lab))[0]


verifiers: Registry[Verifier] = Registry("verifier", "experiments.verifiers")
