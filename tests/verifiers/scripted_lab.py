"""A lab in memory over a scripted language model, for the logic of one verifier."""

import re
from collections.abc import Callable, Sequence

from experiments.domain.types import Decoding, FinishReason, Message, Purpose, Question, Sample, Spent, Usage
from experiments.inference.base import Request
from experiments.inference.scripted import Scripted

QUESTION = Question("p", (Message("system", "Be exact."), Message("user", "What is 3 + 4?")))


def text(index: int, written: str, **fields) -> Sample:
    defaults = {"finish_reason": FinishReason.STOP, "seed": index, "usage": Usage(5, 0, 3)}
    return Sample(("a" * 32, index), index, written, **{**defaults, **fields})


class ScriptedLab:
    """`VerifierLab`. `tell` gives the log-probability of a continuation; an answer is the last number of a text."""

    def __init__(
        self,
        answers: Sequence[str] = ("nothing",),
        rules: dict[str, tuple[str, ...]] | None = None,
        tell: Callable[[tuple[Message, ...], str], float] = lambda messages, continuation: 0.0,
        reward: Callable[[tuple[Message, ...]], float | None] = lambda messages: None,
        seed: int = 1,
    ):
        self.seed = seed
        self.decoding = Decoding()
        self.spent = Spent()
        self.notes: dict[int, dict[str, float]] = {}
        self.prompts: list[str] = []
        self.prefixes: list[str] = []
        self._script = Scripted(answers=tuple(answers), rules=rules or {})
        self._tell = tell
        self._reward = reward

    async def generate(self, messages, n=1, *, decoding=None, parent=None, prefix="", purpose=Purpose.JUDGE) -> list[Sample]:
        client = await self._script.connect()
        self.prompts.append(messages[-1].content)
        self.prefixes.append(prefix)
        drawn = [await client.generate(Request(messages, decoding, seed, prefix=prefix)) for seed in range(n)]
        return [
            Sample(("b" * 32, len(self.prompts) * 1000 + i), i, each.text, each.finish_reason, i, each.usage, prefix=prefix)
            for i, each in enumerate(drawn)
        ]

    async def logprobs_of(self, messages, continuations, *, parent=None) -> list[float]:
        self.prompts.append(messages[-1].content)
        return [self._tell(messages, continuation) for continuation in continuations]

    async def reward_of(self, messages) -> float | None:
        return self._reward(messages)

    def note(self, sample: Sample, **numbers: float) -> None:
        known = self.notes.setdefault(sample.index, {})
        for name, number in numbers.items():
            known[name] = known.get(name, 0) + number

    async def answer_of(self, sample: Sample) -> str | None:
        numbers = re.findall(r"\d+", sample.whole_text)
        return numbers[-1] if numbers else None
