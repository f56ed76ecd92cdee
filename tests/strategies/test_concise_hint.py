"""Hints while the model writes: when, where, and that no grader sees them."""

import asyncio
from itertools import pairwise

import pytest

from experiments.domain.types import FinishReason, Usage
from experiments.inference.base import Generation, Request
from experiments.models import LanguageModel, Sample
from experiments.strategies.concise_hint import CHARACTERS_PER_TOKEN, HINTS, is_closing, place_of_hint, share_skipped
from tests.factories import make_variant
from tests.strategies.desk import DeskLab, build, solve
from tests.strategies.refining import attempt_of

HINT = HINTS["concise"]


class ChunkLab(DeskLab):
    """Its model writes one-letter words, each a token, to the limit; `ends_after` so many of its own it stops by itself."""

    def __init__(self, word: str = "a, ", ends_after: int = 10**6, **decoding):
        super().__init__({}, **decoding)
        self._word, self._ends_after = word, ends_after

    async def _write(self, request: Request, occurrence: int) -> Generation:
        own = request.prefix.replace(HINT, "").count(self._word[0])
        n_hints = request.prefix.count(HINT)
        n = min(request.decoding.max_tokens, self._ends_after - own)
        reason = FinishReason.STOP if own + n == self._ends_after else FinishReason.LENGTH
        n_prompt = 100 + own + n_hints * round(len(HINT) / CHARACTERS_PER_TOKEN)
        return Generation(self._word * n, reason, Usage(n_prompt, 0, n))


def hinted(lab: DeskLab, **options):
    outcome = asyncio.run(solve("concise_hint", lab, **options))
    return outcome.chosen, outcome.trace


def test_the_interval_follows_the_published_schedule():
    """For a prompt of 100 tokens and hints of 12, with everything so far counted."""
    strategy, tau, read, taus, begun = build("concise_hint"), 128, 100, [], []
    for _ in range(12):
        taus.append(tau)
        begun.append(sum(taus[:-1]))
        read += tau + 12
        tau = strategy.interval(read)
    assert taus == [128, 176, 213, 258, 312, 377, 455, 548, 660, 795, 956, 1024]
    assert begun == [0, 128, 304, 517, 775, 1087, 1464, 1919, 2467, 3127, 3922, 4878]


@pytest.mark.parametrize(("tau", "share"), [(128, 0), (300, 0.168), (512, 0.375), (640, 0.5), (1024, 0.8), (64, 0)])
def test_longer_chunks_are_hinted_further_back(tau, share):
    assert share_skipped(tau) == pytest.approx(share, abs=5e-4)


def test_a_hint_goes_behind_the_first_stop_or_comma_before_a_blank():
    assert place_of_hint("It is 3.5 of, say, 7.", 128) == len("It is 3.5 of,")
    assert place_of_hint("no place.", 128) is None
    assert place_of_hint("a, " * 100, 640) == 3 * 50 + 2


def test_the_lab_is_asked_in_chunks_that_grow_with_all_that_was_read():
    _, trace = hinted(ChunkLab(max_tokens=600), interval_tokens=128)
    n_hint = round(len(HINT) / CHARACTERS_PER_TOKEN)
    second = int(128 + 0.2 * (100 + 128 + n_hint))
    third = int(128 + 0.2 * (100 + 128 + second + 2 * n_hint))
    assert trace["chunks"] == [128, second, third, 600 - 128 - second - third]
    assert (trace["hints"], trace["tokens"], trace["stopped"]) == (3, 600, "token limit")


def test_the_model_reads_the_hints_and_the_answer_has_none():
    lab = ChunkLab(ends_after=9, max_tokens=99)
    chosen, trace = hinted(lab, interval_tokens=4, growth=0)
    assert chosen.prefix == f"a,{HINT} a, a, a, a,{HINT} a, a, a, "
    assert chosen.whole_text == "a, " * 9
    assert trace == {"stopped": "ended", "chunks": [4, 4, 1], "hints": 2, "tokens": 9}
    assert lab.handed_in == [chosen]


@pytest.mark.parametrize(
    ("options", "prefix"),
    [
        ({"hint": "none"}, "a, a, a, a, "),
        ({"hint": "neutral"}, f"a,{HINTS['neutral']} a, a,{HINTS['neutral']} a, "),
        ({"most_hints": 1}, f"a,{HINT} a, a, a, "),
        ({"place": "end"}, f"a, a, {HINT}a, a, {HINT}"),
    ],
)
def test_ablations_change_the_hints_and_not_the_chunks(options, prefix):
    chosen, trace = hinted(ChunkLab(max_tokens=6), interval_tokens=2, growth=0, **options)
    assert (chosen.prefix, trace["chunks"]) == (prefix, [2, 2, 2])


def test_the_last_chunk_is_written_to_the_end():
    _, trace = hinted(ChunkLab(max_tokens=50), interval_tokens=2, growth=0, most_chunks=3)
    assert (trace["chunks"], trace["hints"]) == ([2, 2, 46], 2)


def test_no_chunk_is_longer_than_the_cap():
    assert max(hinted(ChunkLab(max_tokens=500), interval_tokens=30, growth=2, longest_tokens=64)[1]["chunks"]) == 64


@pytest.mark.parametrize("text", ["<think>a</think> b", "so, it is done.</thi", "a <"])
def test_once_the_thinking_ends_nothing_is_inserted(text):
    assert is_closing(text)


def test_a_closed_thought_is_left_alone():
    chosen, trace = hinted(ChunkLab("</think>a, ", max_tokens=6), interval_tokens=2, growth=0)
    assert (trace["hints"], HINT in chosen.prefix) == (0, False)


def test_the_neutral_hint_is_as_long_as_the_other():
    assert len(HINTS["neutral"]) == len(HINT)


@pytest.mark.django_db(transaction=True)
def test_on_the_bundled_model_hints_are_read_paid_for_and_not_graded():
    attempt = attempt_of(
        "concise_hint",
        {"interval_tokens": 8, "growth": 0.05, "place": "end"},
        language_model=LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"slots": 4}),
        variants=[make_variant("Tell a long story of two friends who quarrel about {{ question }}")],
        decoding={"temperature": 0.8, "max_tokens": 48},
    )
    chunks = list(attempt.samples.order_by("index"))
    assert attempt.trace["hints"] == len(chunks) - 1 > 1
    assert chunks[-1].prefix.count(HINT) == attempt.trace["hints"]
    assert (attempt.chosen, attempt.n_samples) == (chunks[-1], 1)
    assert HINT not in attempt.chosen.whole_text
    assert attempt.chosen.whole_text == "".join(chunk.text for chunk in chunks)
    assert Sample.objects.filter(grades__isnull=False).count() == 1
    assert all(later.prompt_tokens > earlier.prompt_tokens for earlier, later in pairwise(chunks))
    assert attempt.trace["tokens"] == sum(chunk.completion_tokens for chunk in chunks)
