"""A lab on the desk, for strategies only: a script writes, a function scores, nothing is stored."""

from collections.abc import Callable, Sequence

from experiments.domain.answers import marked
from experiments.domain.seeds import derive_seed
from experiments.domain.types import Decoding, FinishReason, Message, Outcome, Purpose, Question, Sample, Spent, Usage
from experiments.inference.base import Generation, Request, backends
from experiments.runner.journal import Ask, Journal
from experiments.strategies.base import Strategy, strategies

QUESTION = Question("q", (Message("user", "What is 3 + 4?"),))


def pseudo_score(text: str) -> float:
    """A score between 0 and 1 that follows from the text alone and looks random; no two texts have the same."""
    return derive_seed("score", text) / 2**32


class DeskLab:
    """`domain.lab.Lab` for one attempt. `score` is given an answer as it stands; `drawn` are all samples by index."""

    def __init__(self, script: dict, score: Callable[[str], float | None] = len, seed: int = 1, **decoding):
        self.seed = seed
        self.decoding = Decoding(**decoding)
        self._drawn: dict[int, Sample] = {}
        self.parents: dict[tuple[str, int], Sample | None] = {}
        self.handed_in: list[Sample] = []
        self._backend = backends.build("scripted", script)
        self.capabilities = self._backend.capabilities
        self._journal = Journal((seed,))
        self._score = score

    @property
    def drawn(self) -> list[Sample]:
        return [self._drawn[index] for index in sorted(self._drawn)]

    @property
    def spent(self) -> Spent:
        return Spent(len(self.drawn), completion_tokens=sum(sample.usage.completion_tokens for sample in self.drawn))

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
        ask = Ask(messages, decoding or self.decoding, purpose, prefix)
        samples = []
        for draw in [self._journal.draw(ask) for _ in range(n)]:
            written = await self._write(Request(messages, ask.decoding, draw.seed, prefix=prefix), draw.key[1])
            sample = Sample(
                draw.key,
                draw.index,
                written.text,
                written.finish_reason,
                draw.seed,
                written.usage,
                written.token_logprobs,
                purpose=purpose,
                prefix=prefix,
                stop_string=written.stop_string,
                tokens=written.tokens,
                inserted=inserted,
            )
            samples.append(sample)
            self._drawn[sample.index] = sample
            self.parents[sample.key] = parent
            if purpose == Purpose.ANSWER:
                self.hand_in(sample)
        return samples

    async def _write(self, request: Request, occurrence: int) -> Generation:
        return await (await self._backend.connect()).generate(request)

    def hand_in(self, sample: Sample) -> None:
        if sample not in self.handed_in:
            self.handed_in.append(sample)

    async def answer_of(self, sample: Sample) -> str | None:
        found = marked(sample.whole_text)
        return found.text.rstrip(".") if found else None

    async def verify(self, verifier: str, samples: Sequence[Sample]) -> list[float | None]:
        return [None if sample.finish_reason == FinishReason.FAILED else self._score(sample.whole_text) for sample in samples]

    async def is_right(self, sample: Sample) -> bool:
        return await self.answer_of(sample) == "7"

    def drawn_as(self, purpose: Purpose) -> list[Sample]:
        return [sample for sample in self.drawn if sample.purpose == purpose]


class Tree:
    """A tree of texts that look random: what is written after a prefix follows from the prefix and from how often it was asked.

    Its paths have `depth` steps, or, where `uneven`, between 1 and so many. Leaves say that the answer is 0, 1, 2 or 3.
    """

    def __init__(self, seed: int, depth: int, uneven: bool = False):
        self._seed, self._depth, self._uneven = seed, depth, uneven

    def step(self, prefix: str, occurrence: int) -> tuple[str, bool]:
        """A step's text without separator, and whether it is the last of its path."""
        number = derive_seed(self._seed, prefix, occurrence)
        is_last = prefix.count("\n\n") == self._depth - 1 or (self._uneven and number % 3 == 0)
        return (f"{number}. The answer is {number % 4}." if is_last else f"thought {number}"), is_last


class TreeLab(DeskLab):
    """Its model writes a tree of steps between blank lines. By default scores look random."""

    def __init__(self, tree: Tree, seed: int = 1, score: Callable[[str], float | None] = pseudo_score, **decoding):
        super().__init__({}, score, seed, **decoding)
        self._tree = tree

    async def _write(self, request: Request, occurrence: int) -> Generation:
        text, is_last = self._tree.step(request.prefix, occurrence)
        return Generation(text, FinishReason.STOP, Usage(0, 0, 3), stop_string="" if is_last else "\n\n")


def build(name: str, **options) -> Strategy:
    return strategies.build(name, options)


async def solve(name: str, lab: DeskLab, **options) -> Outcome:
    return await build(name, **options).solve(QUESTION, lab)
