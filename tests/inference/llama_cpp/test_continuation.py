"""Going on from a partial answer, where its last token may not be the one that the model would have written."""

import asyncio
import math
from typing import ClassVar

import numpy as np
import pytest

from experiments.inference.llama_cpp.beginnings import Beginning, Pieces
from experiments.inference.llama_cpp.prompts import Prompts
from experiments.inference.llama_cpp.templates import ChatTemplate

VOCABULARY = [b"", b"a", b"ab", b"abc", b"b", b"bc", b"c", b"ab"]


@pytest.mark.parametrize(
    ("beginning", "fitting"),
    [(b"a", {1, 2, 3, 7}), (b"ab", {1, 2, 3, 7}), (b"abcd", {1, 2, 3, 7}), (b"bc", {4, 5}), (b"x", set())],
)
def test_tokens_fit_that_begin_alike_as_far_as_both_go(beginning, fitting):
    assert set(Pieces(VOCABULARY).that_begin(beginning)) == fitting


def test_what_is_owed_is_written_before_anything_new():
    beginning = Beginning(Pieces(VOCABULARY), b"ab")
    assert beginning.take(b"a") == b""
    assert beginning.owed == b"b"
    assert beginning.take(b"bc") == b"c"
    logits = np.zeros(8, np.float32)
    assert beginning.condition(logits) is logits


def test_probabilities_are_given_what_is_owed():
    row = Beginning(Pieces(VOCABULARY), b"bc").condition(np.log(np.arange(1, 9, dtype=np.float32)))
    assert np.flatnonzero(np.isfinite(row)).tolist() == [4, 5]
    assert row[4] - np.logaddexp.reduce(row) == pytest.approx(math.log(5 / 11), abs=1e-6)


class SpacedLetters:
    """Tokenises as SentencePiece vocabularies do that add a space before every text; a token is a character."""

    control_texts: ClassVar = {}
    begin_token = None

    def tokenise(self, text, parse_special):
        return [ord(char) for char in f" {text}"]

    def piece(self, token):
        return chr(token).encode()


@pytest.mark.parametrize("text", ["lo", " lo", "\nlo", ""])
def test_no_space_comes_between_the_prompt_and_what_is_there_of_the_answer(text):
    prompts = Prompts(SpacedLetters(), ChatTemplate(None, "", ""))
    assert "".join(map(chr, prompts.continuation(text))) == text


def going_on(request, prefix):
    return type(request)(request.messages, request.decoding, request.seed, prefix=prefix)


async def test_before_and_after_any_space_a_greedy_answer_goes_on_the_same_way(connect, a_request):
    engine = await connect(reproducible=True)
    request = a_request(temperature=0, max_tokens=12)
    whole = (await engine.generate(request)).text
    spaces = [at for at, char in enumerate(whole) if char == " "]
    assert len(spaces) >= 4
    for cut in (*spaces[1:4], *(at + 1 for at in spaces[1:4])):
        more = await engine.generate(going_on(request, whole[:cut]))
        assert (whole[:cut] + more.text).startswith(whole)


async def test_a_count_goes_on_and_does_not_begin_again(engine, a_request):
    request = a_request("Count from 1 to 6.", temperature=0, max_tokens=6)
    generation = await engine.generate(going_on(request, "1, 2, 3,"))
    assert generation.text.startswith(" 4, 5")


async def test_a_prefix_that_ends_in_a_space_goes_on_with_a_word(engine, a_request):
    """The model writes " Paris" as one token and would hardly write "Paris" after a lone space."""
    request = a_request("What is the capital of France?", temperature=0, max_tokens=3)
    generation = await engine.generate(going_on(request, "The capital of France is "))
    assert generation.text.startswith("Paris")
    assert generation.token_logprobs[0] > -0.5


async def test_an_emoji_cut_between_its_tokens_comes_out_whole(engine, a_request):
    request = a_request("Repeat: 🦜🦜🦜", temperature=0, max_tokens=12)
    generation = await engine.generate(going_on(request, "🦜🦜"))
    assert generation.text.startswith("🦜")


async def test_the_samples_of_one_prefix_share_it(engine, a_request):
    prefix = "The sea is wide and deep, and "
    requests = [going_on(a_request(seed=seed, max_tokens=8), prefix) for seed in range(8)]
    generations = await asyncio.gather(*map(engine.generate, requests))
    n_prompt = generations[0].usage.prompt_tokens
    assert n_prompt > 36
    assert sum(n_prompt - generation.usage.cached_tokens for generation in generations) == n_prompt
    assert len({generation.text for generation in generations}) > 4
