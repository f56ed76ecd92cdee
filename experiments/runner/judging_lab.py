"""The lab as a verifier sees it: what it asks for is a judge's text about one sample, and is never an answer."""

import json
from collections import defaultdict
from collections.abc import Sequence

from ..domain.errors import InvalidInput
from ..domain.types import Decoding, FinishReason, Message, Purpose, Sample, Spent
from ..verifiers.base import Verifier
from .journal import Ask


class JudgingLab:
    """`verifiers.base.VerifierLab` for one verifier; `subject` is the text it looks at, None where it compares several.

    Its questions about one text are told from its questions about an equal one, so that each gets judgements of its own.
    """

    def __init__(self, lab, key: str, verifier: Verifier, subject: Sample | None):
        self.asked: list[Sample] = []
        self.seed: int = lab.seed
        self.decoding: Decoding = lab.decoding
        self._lab = lab
        self._subject = subject
        self._special = {"verifier": key, "about": str(subject.key) if subject else "", "language_model": verifier.judge or ""}
        self._notes: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)

    @property
    def spent(self) -> Spent:
        return self._lab.spent

    async def generate(
        self,
        messages: tuple[Message, ...],
        n: int = 1,
        *,
        decoding: Decoding | None = None,
        parent: Sample | None = None,
        prefix: str = "",
        purpose: Purpose = Purpose.JUDGE,
    ) -> list[Sample]:
        return await self._draw(Ask(messages, decoding or self._lab.decoding, Purpose.JUDGE, prefix, **self._special), n, parent)

    async def logprobs_of(
        self, messages: tuple[Message, ...], continuations: Sequence[str], *, parent: Sample | None = None
    ) -> list[float]:
        ask = Ask(messages, self._lab.decoding, Purpose.JUDGE, continuations=tuple(continuations), **self._special)
        return self._lab.read_logprobs((await self._draw(ask, 1, parent))[0])

    async def reward_of(self, messages: tuple[Message, ...]) -> float | None:
        ask = Ask(messages, self._lab.decoding, Purpose.JUDGE, rates=True, **self._special)
        told = (await self._draw(ask, 1, None))[0]
        return None if told.finish_reason == FinishReason.FAILED else json.loads(told.text)

    def note(self, sample: Sample, **numbers: float) -> None:
        self._notes[sample.key] |= numbers

    def notes_on(self, sample: Sample) -> dict[str, float]:
        return self._notes.get(sample.key, {})

    def hand_in(self, sample: Sample) -> None:
        raise InvalidInput("A verifier cannot hand in answers.")

    async def answer_of(self, sample: Sample) -> str | None:
        return await self._lab.answer_of(sample)

    async def verify(self, verifier: str, samples: Sequence[Sample]) -> list[float | None]:
        raise InvalidInput("A verifier cannot ask other verifiers.")

    async def is_right(self, sample: Sample) -> bool:
        raise InvalidInput("A verifier ranks without the truth.")

    async def _draw(self, ask: Ask, n: int, parent: Sample | None) -> list[Sample]:
        samples = await self._lab.draw(ask, n, parent or self._subject)
        self.asked += samples
        return samples
