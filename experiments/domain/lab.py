"""The one door between methods and language models."""

from typing import Protocol

from .types import Decoding, Message, Sample


class Lab(Protocol):
    """The one door to language models. Cost is counted here; batching, queueing and replay are not the strategy's business."""

    async def generate(
        self, messages: tuple[Message, ...], n: int = 1, *, decoding: Decoding | None = None, parent: Sample | None = None
    ) -> list[Sample]:
        """`n` independent samples in the order they were asked for, each with its own seed.

        `decoding` defaults to the condition's. A sample that failed for good is returned with
        `finish_reason == FAILED` and an empty text, so that it is counted and never graded as an answer.
        """
