"""The scripted backend is what other tests stand on, so its promises are spelled out."""

import asyncio
from dataclasses import replace

import pytest

from experiments.domain.errors import InvalidInput, PermanentInferenceError, TransientInferenceError
from experiments.domain.types import Decoding, FinishReason, Message
from experiments.inference.base import Request, backends


def a_request(seed=1, text="What is 3 + 4?", **decoding):
    return Request(messages=(Message("user", text),), decoding=Decoding(**decoding), seed=seed)


async def connect(**options):
    return await backends.build("scripted", options).connect()


async def test_the_seed_decides_the_answer_and_its_logprobs():
    client = await connect(answers=["one", "two", "three"])
    texts = [(await client.generate(a_request(seed))).text for seed in range(60)]
    assert set(texts) == {"one", "two", "three"}
    again = await connect(answers=["one", "two", "three"])
    assert [(await again.generate(a_request(seed))).text for seed in range(60)] == texts
    first, second = await client.generate(a_request(5)), await again.generate(a_request(5))
    assert first.token_logprobs == second.token_logprobs
    assert all(-2 < logprob < 0 for logprob in first.token_logprobs)


async def test_temperature_zero_takes_the_first_answer():
    client = await connect(answers=["one", "two"])
    assert {(await client.generate(a_request(seed, temperature=0))).text for seed in range(20)} == {"one"}


async def test_rules_answer_by_what_the_user_asked():
    client = await connect(answers=["?"], rules={"3 + 4": ["7"], "2 + 2": ["4"]})
    assert (await client.generate(a_request(text="What is 2 + 2?"))).text == "4"
    assert (await client.generate(a_request(text="And now?"))).text == "?"


async def test_a_prefix_goes_on_with_one_of_the_answers_that_begin_so():
    client = await connect(answers=["Hm. It is 1.", "It is 2.", "Hm. It is 3."])
    rests = {(await client.generate(replace(a_request(seed), prefix="Hm."))).text for seed in range(40)}
    assert rests == {" It is 1.", " It is 3."}
    assert (await client.generate(replace(a_request(temperature=0), prefix="It"))).text == " is 2."
    assert (await client.generate(replace(a_request(), prefix="No"))).text == ""


async def test_given_texts_are_scored_by_their_words_where_the_script_says_so():
    messages = a_request().messages
    first, second = await (await connect(scores_texts=True)).logprobs_of(messages, ["It is 7.", "No"])
    assert (len(first.token_logprobs), len(second.token_logprobs)) == (3, 1)
    again = await (await connect(scores_texts=True)).logprobs_of(messages, ["No"])
    assert again[0].total == second.total < 0
    with pytest.raises(PermanentInferenceError, match="cannot tell how likely"):
        await (await connect()).logprobs_of(messages, ["No"])


@pytest.mark.parametrize(
    ("decoding", "text", "finish_reason", "stop_string"),
    [
        ({"max_tokens": 2}, "The answer", FinishReason.LENGTH, ""),
        ({"max_tokens": 4, "stop": ["8"]}, "The answer is 7.", FinishReason.STOP, ""),
        ({"stop": ["7", "swer is"]}, "The an", FinishReason.STOP, "swer is"),
        ({"stop": ["7", "answer"], "max_tokens": 1}, "The", FinishReason.LENGTH, ""),
    ],
)
async def test_limits_and_stop_strings_cut_the_answer(decoding, text, finish_reason, stop_string):
    generation = await (await connect(answers=["The answer is 7."])).generate(a_request(**decoding))
    assert generation.text == text
    assert (generation.finish_reason, generation.stop_string) == (finish_reason, stop_string)
    assert generation.usage.completion_tokens == len(generation.token_logprobs)


async def test_text_is_streamed_as_it_grows():
    seen = []
    await (await connect(answers=["The answer is 7."])).generate(a_request(), seen.append)
    assert seen == ["The", "The answer", "The answer is", "The answer is 7."]


async def test_a_transient_failure_passes_when_tried_again_and_a_permanent_one_does_not():
    client = await connect(transient_failures=0.5)
    failures = 0
    for seed in range(50):
        for _ in range(64):
            try:
                await client.generate(a_request(seed))
                break
            except TransientInferenceError:
                failures += 1
        else:
            pytest.fail("a transient failure never passed")
    assert 25 <= failures <= 90  # 50 expected, standard deviation 10
    refusing = await connect(permanent_failures=1)
    for _ in range(2):
        with pytest.raises(PermanentInferenceError, match="seed 1"):
            await refusing.generate(a_request())


async def test_a_cancelled_request_frees_its_turn():
    client = await connect(answers=["a word " * 1000], max_in_flight=1, seconds_per_token=0.05)
    started = asyncio.Event()
    slow = asyncio.create_task(client.generate(a_request(), lambda text: started.set()))
    waiting = asyncio.create_task(client.generate(a_request(max_tokens=1)))
    await started.wait()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert (await asyncio.wait_for(waiting, 5)).text == "a"


def test_options_without_any_answer_are_refused():
    with pytest.raises(InvalidInput, match="Answers"):
        backends.build("scripted", {"answers": []})
    with pytest.raises(InvalidInput, match="Rules"):
        backends.build("scripted", {"rules": {"x": []}})
