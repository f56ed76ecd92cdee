"""Penalties, biases and stop tokens, by hand and on the bundled model."""

import asyncio

import numpy as np
import pytest

from experiments.domain.errors import PermanentInferenceError
from experiments.domain.types import Decoding, FinishReason
from experiments.inference.base import Request, backends
from experiments.inference.llama_cpp import library
from experiments.inference.llama_cpp.adjustments import Adjustments
from experiments.inference.llama_cpp.sampler import Chooser, Sampler


def adjusted(logits, written=(), **options):
    adjustments = Adjustments(Decoding(**options).model_dump(mode="json"))
    for token in written:
        adjustments.note(token)
    row = np.array(logits, np.float32)
    adjustments.apply(row)
    return row.tolist()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"presence_penalty": 0.5}, [1.5, -1.5, 3.0]),
        ({"frequency_penalty": 0.5}, [1.0, -1.5, 3.0]),
        ({"repeat_penalty": 2.0}, [1.0, -2.0, 3.0]),
        ({"repeat_penalty": 2.0, "presence_penalty": 0.25, "frequency_penalty": 0.5}, [-0.25, -2.75, 3.0]),
        ({"logit_bias": {2: -100, 0: 1.5}}, [3.5, -1.0, -97.0]),
    ],
)
def test_logits_change_as_written_down(options, expected):
    """Token 0 was written twice, token 1 once, token 2 not at all."""
    assert adjusted([2.0, -1.0, 3.0], written=[0, 1, 0], **options) == expected


def test_the_logprob_is_taken_before_all_adjustments():
    logits = np.array([2.0, 1.0, 0.0], np.float32)
    adjustments = Adjustments(Decoding(logit_bias={0: -100}).model_dump(mode="json"))
    token, logprob = Chooser(3).choose(logits, Sampler(1, 0.0, adjustments=adjustments))
    assert token == 1
    assert logprob == pytest.approx(1.0 - np.logaddexp.reduce(logits.astype(float)), abs=1e-6)


def test_a_written_token_is_penalised_from_then_on():
    logits = np.array([2.0, 1.9, 0.0], np.float32)
    sampler = Sampler(1, 0.0, adjustments=Adjustments(Decoding(presence_penalty=0.5).model_dump(mode="json")))
    assert [Chooser(3).choose(logits, sampler)[0] for _ in range(3)] == [0, 1, 0]


@pytest.fixture(scope="module")
def token_of():
    """The id of a text that is one token of the bundled model's vocabulary."""
    import llama_cpp

    vocabulary = llama_cpp.Llama(str(library.find(library.BUNDLED)), vocab_only=True, verbose=False)

    def look_up(text):
        (token,) = vocabulary.tokenize(text.encode(), add_bos=False)
        return token

    yield look_up
    vocabulary.close()


async def test_a_forbidden_token_is_not_written(engine, a_request, token_of):
    whole = await engine.generate(a_request(temperature=0, max_tokens=12))
    first = (await engine.generate(a_request(temperature=0, max_tokens=1))).text
    other = await engine.generate(a_request(temperature=0, max_tokens=12, logit_bias={token_of(first): -100}))
    assert whole.text.startswith(first)
    assert not other.text.startswith(first)
    assert other.token_logprobs[0] < whole.token_logprobs[0]


async def test_a_stop_token_ends_the_text_before_it(engine, a_request, token_of):
    whole = await engine.generate(a_request(temperature=0, max_tokens=12))
    word = f" {whole.text.split(' ')[2]}"
    stopped = await engine.generate(a_request(temperature=0, max_tokens=12, stop_tokens=(token_of(word),)))
    assert stopped.finish_reason == FinishReason.STOP
    assert stopped.text == whole.text[: whole.text.index(word)]


async def test_penalties_leave_fewer_repetitions(engine, a_request):
    async def share_of_new_words(**options):
        words = (await engine.generate(a_request("Write: ha ha ha ha", temperature=0, max_tokens=48, **options))).text.split()
        return len(set(words)) / len(words)

    plain = await share_of_new_words()
    assert await share_of_new_words(frequency_penalty=2.0) > plain
    assert await share_of_new_words(repeat_penalty=1.5) > plain


@pytest.mark.parametrize("options", [{"stop_tokens": (49_152,)}, {"logit_bias": {49_152: 1.0}}])
async def test_a_token_outside_the_vocabulary_is_refused(engine, a_request, options):
    with pytest.raises(PermanentInferenceError, match=r"no token 49,152.* 0 to 49,151"):
        await engine.generate(a_request(**options))


async def test_a_backend_that_cannot_penalise_refuses_by_name():
    client = await backends.build("scripted").connect()
    with pytest.raises(PermanentInferenceError, match="does not take “Presence penalty”"):
        await client.generate(Request((), Decoding(presence_penalty=1.0), seed=1))


async def test_reproducible_texts_do_not_depend_on_their_company(connect, a_request):
    engine = await connect(reproducible=True)
    alone = await engine.generate(a_request(seed=5, max_tokens=24))
    crowd = await asyncio.gather(*(engine.generate(a_request(seed=seed, max_tokens=24)) for seed in range(3, 7)))
    assert (crowd[2].text, crowd[2].token_logprobs) == (alone.text, alone.token_logprobs)
    assert {generation.usage.cached_tokens for generation in crowd} == {0}
