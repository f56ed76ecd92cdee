"""A set of prompts answered by a script, and by the bundled model."""

import numpy as np
import pytest

from experiments.domain.types import FinishReason, Message, Question
from experiments.inference.base import LanguageModelClient, backends
from experiments.statistics.posix import psi
from tests.strategies.desk import DeskLab, build


def question(*texts: str) -> Question:
    first, *others = [(Message("user", text),) for text in texts]
    return Question("q", first, alternatives=tuple(others))


class TableLab(DeskLab):
    """Tells that a text is as likely as its and the prompt's lengths say; notes what it was asked."""

    def __init__(self, script: dict, **decoding):
        super().__init__(script, **decoding)
        self.capabilities = frozenset({"scores_text"})
        self.read: list[tuple[str, tuple]] = []

    async def logprobs_of(self, messages, continuations, *, parent=None) -> list[float]:
        self.read.append((messages[0].content, tuple(continuations)))
        return [-float(len(messages[0].content) * len(text)) for text in continuations]


class EngineLab(DeskLab):
    """Asks a local model."""

    def __init__(self, client: LanguageModelClient, **decoding):
        super().__init__({}, **decoding)
        self.capabilities = frozenset({"scores_text"})
        self._client = client

    async def _write(self, request, occurrence):
        return await self._client.generate(request)

    async def logprobs_of(self, messages, continuations, *, parent=None) -> list[float]:
        return [score.total for score in await self._client.logprobs_of(messages, continuations)]


async def test_every_answer_is_read_under_every_prompt():
    lab = TableLab({"answers": ["ab cd"], "rules": {"3": ["efg"]}}, temperature=0.8)
    outcome = await build("prompt_set").solve(question("1", "2x", "3xx"), lab)
    assert lab.read == [(prompt, ("ab cd", "efg")) for prompt in ("1", "2x", "3xx")]
    assert outcome.trace["logprobs"] == [[-5, -5, -3], [-10, -10, -6], [-15, -15, -9]]
    assert outcome.trace["lengths"] == [2, 2, 1]
    assert outcome.trace["overlap"] == pytest.approx(1 / 3)
    assert [sample.index for sample in lab.drawn] == [0, 1, 2]
    assert outcome.chosen is lab.drawn[0]


async def test_a_prompt_that_is_there_twice_is_read_once_and_gives_index_zero():
    lab = TableLab({"answers": ["ab cd"]})
    outcome = await build("prompt_set").solve(question("1", "1", "1"), lab)
    assert lab.read == [("1", ("ab cd",))]
    assert psi(np.array(outcome.trace["logprobs"]), np.array(outcome.trace["lengths"])) == 0


async def test_a_model_that_cannot_read_texts_gives_answers_only():
    lab = DeskLab({"answers": ["ab cd"]})
    outcome = await build("prompt_set", n=2).solve(question("1", "2", "3"), lab)
    assert "logprobs" not in outcome.trace
    assert len(lab.handed_in) == 2


async def test_empty_answers_are_not_read():
    lab = TableLab({"answers": ["ab"], "rules": {"2": [""]}})
    outcome = await build("prompt_set").solve(question("1", "2"), lab)
    assert outcome.trace["logprobs"] == [[-2, None], [-2, None]]
    assert outcome.chosen.finish_reason == FinishReason.STOP


async def test_on_the_bundled_model_the_index_of_equal_prompts_is_zero_and_of_others_is_not():
    client = await backends.build("llama_cpp").connect()
    try:
        asked = "What is the capital of France?"
        tables = []
        for prompts in ((asked, asked, asked), (asked, "Name the capital city of France.")):
            lab = EngineLab(client, max_tokens=6)
            outcome = await build("prompt_set").solve(question(*prompts), lab)
            assert all(len(sample.tokens) == length for sample, length in zip(lab.drawn, outcome.trace["lengths"], strict=True))
            tables.append(psi(np.array(outcome.trace["logprobs"]), np.array(outcome.trace["lengths"])))
    finally:
        await client.aclose()
    assert tables[0] == 0
    assert tables[1] > 0.01
