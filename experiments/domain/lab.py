"""The one door between methods and language models."""

from collections.abc import Sequence
from typing import Protocol

from .types import Continuation, Decoding, Message, Purpose, Sample, Spent


class Lab(Protocol):
    """The one door to language models. Cost is counted here; batching, queueing and replay are not the strategy's business.

    What a lab hands back is stored first, so that a method run again after a crash is given the same and nothing is paid
    for twice. For that, what a method asks must follow from its options, `seed` and what it was given before.
    """

    seed: int
    """Of the attempt. Random choices of a method are drawn from `domain.seeds.rng(lab.seed, ...)`."""

    decoding: Decoding
    """The condition's."""

    capabilities: frozenset[str]
    """What the condition's language model can do, for methods that do less where it cannot."""

    @property
    def spent(self) -> Spent:
        """By the samples handed back so far, those that verifiers asked for included."""

    async def generate(
        self,
        messages: tuple[Message, ...],
        n: int = 1,
        *,
        decoding: Decoding | None = None,
        parent: Sample | None = None,
        prefix: str = "",
        inserted: str = "",
        purpose: Purpose = Purpose.ANSWER,
    ) -> list[Sample]:
        """`n` independent samples in the order they were asked for, each with its own seed.

        `decoding` defaults to the condition's. With a `prefix` the answer begins with it and goes on from there; that needs
        the capability "continues". `inserted` is what the method itself wrote into the prefix: the model reads it, and graders
        and verifiers are given the answer without it. A sample that failed for good is returned with `finish_reason == FAILED`
        and an empty text, so that it is counted and never graded as an answer.
        """

    async def logprobs_of(
        self, messages: tuple[Message, ...], continuations: Sequence[Continuation], *, parent: Sample | None = None
    ) -> list[float]:
        """The natural log of the probability that the answer begins with each of the continuations; empty where that failed.

        Needs the capability "scores_text". What a sample wrote is best given as its `tokens`, where the model told them.
        """

    def hand_in(self, sample: Sample) -> None:
        """Count the sample, with its prefix, among the attempt's answers: it is graded and scored by the run's verifiers.

        Samples asked for as an ANSWER are handed in by themselves.
        """

    async def answer_of(self, sample: Sample) -> str | None:
        """The canonical answer that the run's grader reads in the text, None if none. It says nothing of the truth."""

    async def verify(self, verifier: str, samples: Sequence[Sample]) -> list[float | None]:
        """Scores by a verifier of the run, None where it gives none; the texts may be unfinished. What it spends is counted."""

    async def is_right(self, sample: Sample) -> bool:
        """What only an oracle knows. For strategies that say so with `uses_oracle`; the sample is handed in."""
