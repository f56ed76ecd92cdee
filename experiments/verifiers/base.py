"""A verifier ranks samples WITHOUT the target. What it spends is part of the cost."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol

from ..domain.lab import Lab
from ..domain.registry import Options, Registry
from ..domain.types import Message, Question, Sample

#: What a reward model can, which writes no texts.
RATES = "rates_texts"


class VerifierLab(Lab, Protocol):
    """The lab for a verifier: what it draws has the purpose JUDGE and is asked of the verifier's `judge`."""

    async def reward_of(self, messages: tuple[Message, ...]) -> float | None:
        """A reward model's number for the last message, None where that failed. Needs the capability `RATES`."""

    def note(self, sample: Sample, **numbers: float) -> None:
        """Keep beside the sample's score how it came about; numbers of the same name are summed over samples."""


class Verifier(Options):
    """Options are fields. Higher scores are better.

    `needs` are capabilities of the language model that wrote the text, `judge_needs` of the one that is asked about it.
    `measures` names the numbers about a text that it reads (`Sample.measures`). `version` goes up whenever the same text
    could be scored differently than before.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    measures: ClassVar[frozenset[str]] = frozenset()
    version: ClassVar[int] = 1

    @property
    def judge(self) -> str | None:
        """The language model it asks by name; "" is the one that wrote the text, None nobody."""
        return None

    @property
    def judge_needs(self) -> frozenset[str]:
        return frozenset()

    @abstractmethod
    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        """A finite score of `sample.whole_text`, or None where this sample cannot be scored."""


class PoolVerifier(Verifier):
    """One that scores the answers of an attempt against each other, when all of them are there."""

    @abstractmethod
    async def score_pool(self, question: Question, samples: Sequence[Sample], lab: VerifierLab) -> list[float | None]:
        """A score for each sample, in their order."""

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        return (await self.score_pool(question, [sample], lab))[0]


verifiers: Registry[Verifier] = Registry("verifier", "experiments.verifiers")
