"""What the engine tells about its distributions, checked by hand and against llama.cpp's own plain evaluation."""

import math

import numpy as np
import pytest

from experiments.domain.errors import PermanentInferenceError
from experiments.domain.types import Message
from experiments.inference.base import backends
from experiments.inference.llama_cpp.probabilities import likeliest, logprobs_of, spread
from experiments.inference.scoring import Score, ranking

ASKED = (Message("user", "What is the capital of France?"),)


def test_entropy_of_known_distributions():
    assert spread(np.zeros(8, np.float32)).entropy == pytest.approx(math.log(8), abs=1e-6)
    assert spread(np.log(np.array([0.9, 0.1], np.float32))).entropy == pytest.approx(0.325083, abs=1e-6)
    assert spread(np.array([0, -np.inf], np.float32)) == (0, 0)


def test_self_certainty_is_the_divergence_from_the_uniform_distribution():
    assert spread(np.zeros(8, np.float32)).self_certainty == pytest.approx(0, abs=1e-6)
    # -(log(2 * 0.9) + log(2 * 0.1)) / 2 = -(0.587787 - 1.609438) / 2
    assert spread(np.log(np.array([0.9, 0.1], np.float32))).self_certainty == pytest.approx(0.510826, abs=1e-6)
    logits = np.random.default_rng(3).normal(0, 4, 49_152).astype(np.float32)
    exact = np.exp(logits.astype(np.float64)) / np.exp(logits.astype(np.float64)).sum()
    assert spread(logits).self_certainty == pytest.approx(-np.log(len(exact) * exact).mean(), rel=1e-6)
    assert spread(logits).entropy == pytest.approx(-(exact * np.log(exact)).sum(), rel=1e-5)


def test_the_likeliest_come_first_and_equal_ones_by_id():
    logits = np.log(np.array([0.1, 0.2, 0.4, 0.2, 0.1], np.float32))
    told = likeliest(logits, 4)
    assert [token for token, _ in told] == [2, 1, 3, 0]
    np.testing.assert_allclose(np.exp([logprob for _, logprob in told]), [0.4, 0.2, 0.2, 0.1], rtol=1e-6)


def test_each_token_is_looked_up_in_its_own_row():
    rows = np.log(np.array([[0.5, 0.5], [0.2, 0.8]], np.float32))
    np.testing.assert_allclose(np.exp(logprobs_of(rows, [0, 1])), [0.5, 0.8], rtol=1e-6)


def test_a_ranking_shares_out_one_probability():
    scores = [Score((math.log(0.1), math.log(0.5))), Score((math.log(0.15),)), Score((math.log(0.05),))]
    ranked = ranking(["two tokens", "likely", "tie"], scores)
    assert [each.choice for each in ranked] == ["likely", "two tokens", "tie"]
    assert [each.probability for each in ranked] == pytest.approx([0.6, 0.2, 0.2])


async def test_the_likeliest_tokens_and_the_entropy_are_told_at_each_position(engine, a_request):
    request = a_request(temperature=0, max_tokens=8)
    generation = await engine.generate(type(request)(request.messages, request.decoding, seed=1, top_logprobs=5, entropy=True))
    assert len(generation.top_logprobs) == len(generation.entropies) == len(generation.token_logprobs) == 8
    assert len(generation.self_certainties) == 8
    assert min(generation.self_certainties) > 0
    assert "".join(top[0].text for top in generation.top_logprobs) == generation.text
    for top, logprob, nats in zip(generation.top_logprobs, generation.token_logprobs, generation.entropies, strict=True):
        assert top[0].logprob == pytest.approx(logprob, abs=1e-5)
        shares = np.exp([each.logprob for each in top])
        assert list(shares) == sorted(shares, reverse=True)
        # The five alone say at least this much, and all the others at most what an even spread of the rest would.
        known, rest = -(shares * np.log(shares)).sum(), max(1 - shares.sum(), 1e-12)
        assert known - 1e-4 <= nats <= known - rest * math.log(rest / 49_147) + 1e-4


async def test_what_was_not_asked_for_is_not_told(engine, a_request):
    generation = await engine.generate(a_request(max_tokens=2))
    assert (generation.top_logprobs, generation.entropies, generation.self_certainties) == (None, None, None)


async def test_a_given_text_scores_what_writing_it_scored(connect, a_request):
    engine = await connect(reproducible=True)
    written = await engine.generate(a_request("What is the capital of France?", temperature=0, max_tokens=8))
    (score,) = await engine.logprobs_of(ASKED, [written.text])
    # Read in one batch and written token by token, weights round differently.
    np.testing.assert_allclose(score.token_logprobs, written.token_logprobs, atol=0.15)
    assert score.usage.prompt_tokens == written.usage.prompt_tokens + written.usage.completion_tokens
    assert score.usage.completion_tokens == 0


async def test_tokens_read_one_by_one_are_as_likely_as_when_they_were_written(connect, a_request):
    engine = await connect(reproducible=True)
    written = await engine.generate(a_request("What is the capital of France?", temperature=0, max_tokens=24))
    assert len(written.tokens) == len(written.token_logprobs) == 7
    (score,) = await engine.logprobs_of(ASKED, [written.tokens])
    np.testing.assert_allclose(score.token_logprobs, written.token_logprobs, atol=1e-3)


async def test_tokens_are_scored_as_they_are_and_not_as_their_text_would_be_divided(engine, a_request):
    whole, parts = [(await engine.generate(a_request(grammar=[f'root ::= "{text}"'], temperature=0))) for text in ("ab", "a b")]
    (score,) = await engine.logprobs_of(ASKED, [(*whole.tokens, *parts.tokens)])
    assert len(score.token_logprobs) == len(whole.tokens) + len(parts.tokens)
    with pytest.raises(PermanentInferenceError, match="token"):
        await engine.logprobs_of(ASKED, [(10**8,)])


async def test_many_continuations_share_their_prompt_and_keep_their_order(engine):
    continuations = [f"{start} {number}." for start in ("Paris", "It is room", "Number") for number in range(14)]
    together = await engine.logprobs_of(ASKED, continuations)
    computed = sum(score.usage.prompt_tokens - score.usage.cached_tokens for score in together)
    n_prompt = together[0].usage.prompt_tokens - len(together[0].token_logprobs)
    assert computed <= n_prompt + sum(len(score.token_logprobs) + 1 for score in together)
    (alone,) = await engine.logprobs_of(ASKED, [continuations[20]])
    assert together[20].total == pytest.approx(alone.total, abs=0.3)


async def test_the_right_choice_ranks_first(engine):
    ranked = await engine.rank(ASKED, ["The capital of France is Paris.", "The capital of France is Rome.", "xqz"])
    assert ranked[0].choice == "The capital of France is Paris."
    assert ranked[-1].choice == "xqz"


async def test_a_text_longer_than_the_rows_of_one_batch_is_scored_whole(engine):
    (score,) = await engine.logprobs_of(ASKED, ["one two three four five " * 60])
    assert len(score.token_logprobs) > 250
    # The repetition is soon expected.
    assert np.mean(score.token_logprobs[-100:]) > -0.2


async def test_an_empty_continuation_is_refused(engine):
    with pytest.raises(PermanentInferenceError, match="text to be scored is empty"):
        await engine.logprobs_of(ASKED, ["Paris", ""])


async def test_a_backend_that_cannot_score_says_so():
    client = await backends.build("scripted").connect()
    with pytest.raises(PermanentInferenceError, match="cannot tell how likely"):
        await client.logprobs_of(ASKED, ["Paris"])
