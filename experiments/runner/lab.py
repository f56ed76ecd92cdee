"""The lab a strategy works in: draws come from the journal, or else from the language model and are stored first."""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from typing import Any

from ..domain.seeds import derive_seed
from ..domain.types import Continuation, Decoding, FinishReason, Message, Purpose, Sample, Spent, Verdict
from ..models import Sample as SampleRow
from .asking import Asking, Place, as_sample
from .journal import Ask, Draw, Journal
from .judging import Judge
from .recording import Recorder
from .reuse import Answers, copy_of


class AttemptLab:
    """`domain.lab.Lab` for one attempt.

    A sample is handed to the strategy only when it is stored: what follows from it can then be replayed. Draws go on
    when the strategy is cancelled, so that a pause loses nothing that was begun.
    """

    def __init__(
        self,
        place: Place,
        journal: Journal,
        decoding: Decoding,
        answers: Answers,
        asking: Asking,
        judge: Judge,
        recorder: Recorder,
        tells_truth: bool = False,
        capabilities: frozenset[str] = frozenset(),
    ):
        self.rows: list[SampleRow] = []
        self.seed = derive_seed(*journal.identity, "strategy")
        self._place = place
        self._journal = journal
        self.decoding = decoding
        self.capabilities = capabilities
        self._answers = answers
        self._asking = asking
        self._judge = judge
        self._recorder = recorder
        self._tells_truth = tells_truth
        self._handed_in: dict[int, SampleRow] = {}
        self._tasks: set[asyncio.Task] = set()
        self._row_of: dict[tuple[str, int], SampleRow] = {}
        self._samples: dict[int, Sample] = {}
        self._counted: dict[int, SampleRow] = {}

    @property
    def handed_in(self) -> list[SampleRow]:
        """The attempt's answers, in the order they were handed in."""
        return list(self._handed_in.values())

    @property
    def spent(self) -> Spent:
        rows = [row for row in self._counted.values() if not row.reused_from_id]
        return Spent(
            len(self._counted),
            sum(row.prompt_tokens for row in rows),
            sum(row.cached_tokens for row in rows),
            sum(row.completion_tokens for row in rows),
            sum(row.cost for row in rows),
        )

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
        ask = Ask(messages, decoding or self.decoding, purpose, prefix, inserted=inserted)
        samples = await self.draw(ask, n, parent)
        self.count(samples)
        return samples

    async def logprobs_of(
        self, messages: tuple[Message, ...], continuations: Sequence[Continuation], *, parent: Sample | None = None
    ) -> list[float]:
        ask = Ask(messages, self.decoding, Purpose.JUDGE, continuations=tuple(continuations))
        samples = await self.draw(ask, 1, parent)
        self.count(samples)
        return self.read_logprobs(samples[0])

    def take_over(self, rows: Sequence[SampleRow], handed_in: set[int]) -> None:
        """What was written before, in the order it was stored; verifiers may look again at those that were handed in."""
        for row in rows:
            self._know(row, self._samples.get(row.parent_id))
        self._handed_in |= {row.pk: row for row in rows if row.pk in handed_in}

    def hand_in(self, sample: Sample) -> None:
        row = self._row_of[sample.key]
        if row.pk not in self._handed_in:
            self._handed_in[row.pk] = row
            self._spawn(self._judge.grade(row))
            self._spawn(self._judge.score(row, sample, self))

    async def answer_of(self, sample: Sample) -> str | None:
        row = self._row_of[sample.key]
        if row.pk in self._handed_in:
            return (await self._shielded(self._judge.grade(row))).canonical
        return await self._shielded(self._judge.read(row))

    async def verify(self, verifier: str, samples: Sequence[Sample]) -> list[float | None]:
        pairs = [(self._row_of[sample.key], sample) for sample in samples]
        scores, asked = await self._shielded(self._judge.verify(verifier, pairs, self))
        self.count(asked)
        return scores

    async def is_right(self, sample: Sample) -> bool:
        if not self._tells_truth:
            raise RuntimeError("Only strategies with uses_oracle may ask whether an answer is right.")
        self.hand_in(sample)
        return (await self._shielded(self._judge.grade(self._row_of[sample.key]))).verdict == Verdict.CORRECT

    async def draw(self, ask: Ask, n: int, parent: Sample | None) -> list[Sample]:
        """As `generate` and `logprobs_of`, but not counted as spent yet."""
        draws = [self._journal.draw(ask) for _ in range(n)]
        tasks = [self._spawn(self._obtain(draw, ask, parent)) for draw in draws]
        return list(await asyncio.gather(*map(asyncio.shield, tasks)))

    def count(self, samples: Sequence[Sample]) -> None:
        """These were handed to the strategy, or to a verifier it asked."""
        for sample in samples:
            row = self._row_of[sample.key]
            self._counted[row.pk] = row

    @staticmethod
    def read_logprobs(sample: Sample) -> list[float]:
        """What `logprobs_of` was told; empty where the call failed for good."""
        return [] if sample.finish_reason == FinishReason.FAILED else json.loads(sample.text)

    def pk_of(self, sample: Sample | None) -> int | None:
        return None if sample is None else self._row_of[sample.key].pk

    def stop_asking(self) -> None:
        """Give up the draws that no model has begun; the others go on."""
        self._asking.stop()

    def score_each(self) -> None:
        """Let verifiers look at each answer that was taken over."""
        for row in self.handed_in:
            self._spawn(self._judge.score(row, self._samples[row.pk], self))

    def score_pool(self) -> None:
        """The strategy has ended: let verifiers compare its answers."""
        pairs = [(row, self._samples[row.pk]) for row in self.handed_in]
        self._spawn(self._judge.score_pool(pairs, self))

    async def settled(self) -> None:
        """Return when every draw is stored, scored and graded. Then raises the first thing that went wrong, if any did."""
        failure = None
        while self._tasks:
            done, self._tasks = self._tasks, set()
            for result in await asyncio.gather(*done, return_exceptions=True):
                if isinstance(result, Exception):
                    failure = failure or result
        if failure:
            raise failure

    async def abandon(self) -> None:
        """Cancel what is left."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        return task

    async def _shielded(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await asyncio.shield(self._spawn(work))

    async def _obtain(self, draw: Draw, ask: Ask, parent: Sample | None) -> Sample:
        row = draw.stored
        if row is None:
            row = self._known(ask, draw, parent)
            if row is None:
                row = self._asking.row(ask, draw, await self._asking.ask(ask, draw), self.pk_of(parent))
            row = await self._recorder.store_sample(row)
        sample = self._know(row, parent)
        self.rows.append(row)
        if ask.purpose == Purpose.ANSWER:
            self.hand_in(sample)
        return sample

    def _know(self, row: SampleRow, parent: Sample | None) -> Sample:
        sample = as_sample(row, parent)
        self._samples[row.pk] = sample
        self._row_of[sample.key] = row
        return sample

    def _known(self, ask: Ask, draw: Draw, parent: Sample | None) -> SampleRow | None:
        """A copy of what an earlier run was given."""
        known = self._answers.get((draw.key[0], draw.seed))
        if known is None or ask.language_model:
            return None  # only the condition's own model is known to be the same as then
        place = {"run_id": self._place.run, "attempt_id": self._place.attempt, "index": draw.index}
        return copy_of(known, **place, occurrence=draw.key[1], parent_id=self.pk_of(parent))
