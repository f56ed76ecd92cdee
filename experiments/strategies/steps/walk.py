"""One search's tree while it grows: steps are written side by side, scored, and counted."""

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...domain.answers import marked, visible
from ...domain.lab import Lab
from ...domain.seeds import rng
from ...domain.types import Decoding, FinishReason, Outcome, Purpose, Question, Sample
from ..choosing import Candidate, Choice, choose
from .nodes import Ending, Node, aggregate, distinct
from .options import StepOptions

OUT_OF_TOKENS = "token budget spent"


class Walk:
    """What a method asks for: `advance` some nodes, then `conclude`.

    All steps of a round are asked for in a fixed order and awaited together. So the batches are filled, and an attempt that
    is replayed meets the same tree: equal requests get their answers in the order in which they are asked.
    """

    def __init__(self, options: StepOptions, question: Question, lab: Lab):
        self.root = Node()
        self.stopped = ""
        self._options = options
        self._question = question
        self._lab = lab
        self._rng = rng(lab.seed, "search")
        self._endings: Counter[Ending] = Counter()
        self._n_unscored = 0

    async def advance(self, nodes: Sequence[Node], n_ahead: int = 0) -> list[Node]:
        """A next step of each node, in their order, scored; a node that cannot go on stays as it is.

        With `n_ahead` a step is scored by where so many greedy steps lead from it. Empty where the token budget is spent:
        then `stopped` says so.
        """
        going = [node for node in nodes if node.is_live]
        written = await self._write(going)
        if not written:
            return []
        self._endings.update(node.ending for node in written)
        scored = iter(await self._scored_ahead(written, n_ahead) if n_ahead else await self._scored(written))
        return [next(scored) if node.is_live else node for node in nodes]

    def value(self, node: Node) -> float | None:
        """The score of the node's path."""
        return aggregate([each.score for each in node.path], self._options.path_score)

    def ranked(self, nodes: Sequence[Node]) -> list[Node]:
        """The best path first; one without a score comes last. Ties are broken by the seed."""
        order = self._rng.permutation(len(nodes))
        values = [-math.inf if (value := self.value(node)) is None else value for node in nodes]
        return [nodes[i] for i in sorted(order, key=lambda i: -values[i])]

    async def conclude(self, finished: Sequence[Node], choice: Choice, **trace: Any) -> Outcome:
        """Hand in the finished answers and choose one of them; copies have a vote each."""
        self._hand_in(finished)
        candidates = [Candidate(node.sample, self.value(node)) for node in finished]
        chosen, by = await choose(choice, candidates, self._lab, self._rng)
        return Outcome(chosen, {**self._told(finished), "chosen_by": by, **trace})

    def conclude_with(self, chosen: Node, by: str, finished: Sequence[Node], **trace: Any) -> Outcome:
        """Hand in the finished answers, of which the method has chosen one itself."""
        self._hand_in(finished)
        return Outcome(chosen.sample, {**self._told(finished), "chosen_by": by, **trace})

    def _hand_in(self, finished: Sequence[Node]) -> None:
        for node in distinct(finished):
            self._lab.hand_in(node.sample)

    def _told(self, finished: Sequence[Node]) -> dict[str, Any]:
        stopped = self.stopped or ("every path ended" if finished else "no path came to an end")
        return {
            "stopped": stopped,
            "finished": len(distinct(finished)),
            "steps": self._endings.total(),
            "step_endings": {ending.value: self._endings[ending] for ending in Ending if self._endings[ending]},
            "unscored_steps": self._n_unscored,
            **self._options.budget_trace(self._lab),
        }

    async def _write(self, nodes: Sequence[Node], greedy: bool = False) -> list[Node]:
        """The next step of each node, not scored yet; none where the budget leaves less than a token for each."""
        ration = self._ration(len(nodes))
        if not nodes or ration < 1:
            self.stopped = OUT_OF_TOKENS if nodes else self.stopped
            return []
        decodings = [self._decoding(node, ration, greedy) for node in nodes]
        purpose = Purpose.ROLLOUT if greedy else Purpose.STEP
        asked = [
            self._lab.generate(self._question.messages, decoding=decoding, parent=node.sample, prefix=node.text, purpose=purpose)
            for node, decoding in zip(nodes, decodings, strict=True)
        ]
        return [self._child(node, sample) for node, (sample,) in zip(nodes, await asyncio.gather(*asked), strict=True)]

    def _ration(self, n_steps: int) -> float:
        """The tokens that each of so many steps may take, so that together they stay within the budget."""
        left = self._options.token_budget - self._lab.spent.completion_tokens
        return left // max(n_steps, 1) if self._options.token_budget else math.inf

    def _decoding(self, node: Node, ration: float, greedy: bool) -> Decoding:
        usual = self._lab.decoding
        changes = {
            "stop": (*usual.stop, *(each for each in self._options.separators if each not in usual.stop)),
            "max_tokens": int(min(self._options.step_tokens, usual.max_tokens - node.n_tokens, ration)),
        }
        return usual.model_copy(update=changes | ({"temperature": 0.0} if greedy else {}))

    def _child(self, node: Node, sample: Sample) -> Node:
        text = sample.whole_text + sample.stop_string
        depth, n_tokens = node.depth + 1, node.n_tokens + sample.usage.completion_tokens
        return Node(node, sample, self._ending(sample, text, depth, n_tokens), text, n_tokens, depth)

    def _ending(self, sample: Sample, text: str, depth: int, n_tokens: int) -> Ending:
        if sample.finish_reason == FinishReason.FAILED:
            return Ending.FAILED
        at_separator = sample.stop_string in self._options.separators and sample.stop_string not in self._lab.decoding.stop
        if sample.finish_reason == FinishReason.STOP and not at_separator:
            return Ending.END
        answer = marked(visible(text)) if self._options.ends_at_answer else None
        if answer and answer.complete:
            return Ending.ANSWER
        if n_tokens >= self._lab.decoding.max_tokens:
            return Ending.MAX_TOKENS
        if depth >= self._options.max_steps:
            return Ending.MAX_STEPS
        return Ending.SEPARATOR if at_separator else Ending.CAP

    async def _scored(self, nodes: Sequence[Node]) -> list[Node]:
        scores = await self._lab.verify(self._options.verifier, [node.sample for node in nodes])
        self._n_unscored += scores.count(None)
        return [replace(node, score=score) for node, score in zip(nodes, scores, strict=True)]

    async def _scored_ahead(self, nodes: Sequence[Node], n_steps: int) -> list[Node]:
        """Each node with the score of where greedy steps lead from it; those steps are set aside."""
        ends = list(nodes)
        for _ in range(n_steps):
            going = [i for i, end in enumerate(ends) if end.is_live]
            for i, rolled in zip(going, await self._write([ends[i] for i in going], greedy=True), strict=False):
                if rolled.ending != Ending.FAILED:
                    ends[i] = rolled
        return [replace(node, score=end.score) for node, end in zip(nodes, await self._scored(ends), strict=True)]
