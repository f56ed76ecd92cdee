"""What the engine writes, on the real bundled model, checked against llama.cpp's own single-sequence evaluation."""

import asyncio
import itertools

import numpy as np
import pytest

from experiments.domain.errors import PermanentInferenceError
from experiments.domain.types import FinishReason, Message
from experiments.inference.llama_cpp import cpu, library

needs_plain_cpu = pytest.mark.skipif(
    cpu.needs_amx_guard(cpu.flags()), reason="the high-level API crashes on CPUs with AMX (llama.cpp issue 20824)"
)

PROMPT = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\nTell me about the sea.<|im_end|>\n<|im_start|>assistant\n"
)


@pytest.fixture(scope="module")
def reference():
    """llama-cpp-python's high-level API on the file as it is."""
    import llama_cpp

    options = {"n_ctx": 1024, "n_threads": 1, "n_threads_batch": 1, "logits_all": True, "flash_attn": False, "verbose": False}
    model = llama_cpp.Llama(str(library.find(library.BUNDLED)), **options)
    yield model
    model.close()


@pytest.fixture
async def same_weights(connect):
    """An engine that computes with what the reference does."""
    return await connect(weights="stored")


async def sixteen(engine, a_request, **options):
    return await asyncio.gather(*(engine.generate(a_request(seed=seed, **options)) for seed in range(16)))


async def test_sixteen_samples_differ_and_their_prompt_is_computed_once(engine, a_request):
    generations = await sixteen(engine, a_request)
    assert len({generation.text for generation in generations}) == 16
    n_prompt = generations[0].usage.prompt_tokens
    assert n_prompt == 36
    assert {generation.usage.prompt_tokens for generation in generations} == {n_prompt}
    assert sum(n_prompt - generation.usage.cached_tokens for generation in generations) == n_prompt


async def test_a_later_sample_reuses_all_of_the_prompt_but_its_last_token(engine, a_request):
    await engine.generate(a_request())
    usage = (await engine.generate(a_request(seed=2))).usage
    assert usage.cached_tokens == usage.prompt_tokens - 1


def plain_logprobs(reference, tokens, chunk):
    """Logprobs of `tokens` after PROMPT, evaluated `chunk` tokens at a time."""
    prompt = reference.tokenize(PROMPT.encode(), add_bos=False, special=True)
    reference.reset()
    reference.eval(prompt)
    for start in range(0, len(tokens), chunk):
        reference.eval(tokens[start : start + chunk])
    rows = reference.scores[len(prompt) - 1 : len(prompt) + len(tokens) - 1].astype(np.float64)
    return rows[range(len(tokens)), tokens] - np.logaddexp.reduce(rows, axis=1)


@needs_plain_cpu
async def test_logprobs_of_a_lone_text_equal_a_plain_evaluation_token_by_token(same_weights, a_request, reference):
    generation = await same_weights.generate(a_request(seed=3))
    tokens = reference.tokenize(generation.text.encode(), add_bos=False, special=False)
    assert len(tokens) == generation.usage.completion_tokens
    np.testing.assert_allclose(generation.token_logprobs, plain_logprobs(reference, tokens, 1), atol=2e-6, rtol=0)


@needs_plain_cpu
async def test_logprobs_in_a_batch_differ_no_more_than_llama_cpp_differs_from_itself(same_weights, a_request, reference):
    """Weights of 4 bits round: one token at a time and all at once differ by some hundredths in llama.cpp itself."""
    ours, its_own = [], []
    for generation in (await sixteen(same_weights, a_request))[:4]:
        tokens = reference.tokenize(generation.text.encode(), add_bos=False, special=False)
        if len(tokens) != generation.usage.completion_tokens:
            continue  # the sampled tokens spell the text in another way than the tokeniser would
        by_one = plain_logprobs(reference, tokens, 1)
        ours.append(np.array(generation.token_logprobs) - by_one)
        its_own.append(plain_logprobs(reference, tokens, len(tokens)) - by_one)
    assert len(ours) >= 2
    ours, its_own = np.concatenate(ours), np.concatenate(its_own)
    assert np.abs(ours).mean() < 1.5 * np.abs(its_own).mean()
    assert abs(ours.mean()) < 0.01


@needs_plain_cpu
async def test_greedy_text_equals_the_high_level_api(same_weights, a_request, reference):
    generation = await same_weights.generate(a_request(temperature=0, max_tokens=48))
    expected = reference.create_chat_completion(
        [{"role": "user", "content": "Tell me about the sea."}], temperature=0, max_tokens=48, repeat_penalty=1.0
    )
    assert generation.text == expected["choices"][0]["message"]["content"]
    assert generation.usage.prompt_tokens == expected["usage"]["prompt_tokens"]


async def test_the_same_seed_alone_gives_the_same_text(connect, a_request):
    texts = [(await (await connect()).generate(a_request(seed=5, max_tokens=48))).text for _ in range(2)]
    assert texts[0] == texts[1]


async def test_each_limit_ends_the_text_for_its_reason(engine, a_request):
    cut = await engine.generate(a_request(max_tokens=3))
    assert (cut.finish_reason, cut.usage.completion_tokens) == (FinishReason.LENGTH, 3)
    done = await engine.generate(a_request("Say only: yes", temperature=0, max_tokens=100))
    assert done.finish_reason == FinishReason.STOP
    assert len(done.token_logprobs) == done.usage.completion_tokens < 100


async def test_a_stop_string_across_token_borders_ends_the_text_before_it(engine, a_request):
    whole = await engine.generate(a_request(temperature=0, max_tokens=24))
    words = whole.text.split(" ")
    stop = f"{words[4][-2:]} {words[5][:2]}"
    assert stop in whole.text
    seen = []
    stopped = await engine.generate(a_request(temperature=0, max_tokens=24, stop=(stop,)), seen.append)
    assert (stopped.finish_reason, stopped.stop_string) == (FinishReason.STOP, stop)
    assert stopped.text == whole.text[: whole.text.index(stop)]
    assert all(stopped.text.startswith(text) for text in seen)


async def test_text_streams_while_it_is_written(engine, a_request):
    seen = []
    generation = await engine.generate(a_request(max_tokens=48), seen.append)
    assert seen[-1] == generation.text
    assert len(seen) > 2
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))
    assert 0 < generation.seconds_to_first_token < generation.seconds


async def test_a_cancelled_text_frees_its_place_and_the_others_go_on(connect, a_request):
    engine = await connect(slots=2)
    started = asyncio.Event()
    endless = asyncio.create_task(engine.generate(a_request(max_tokens=2000), lambda text: started.set()))
    other = asyncio.create_task(engine.generate(a_request(seed=2, max_tokens=64)))
    third = asyncio.create_task(engine.generate(a_request("What is a mountain?", max_tokens=8)))
    await started.wait()
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless
    # With two places, the third can only finish this much earlier in the place that the first gave up.
    await third
    assert not other.done()
    assert (await other).usage.completion_tokens > 0


async def test_control_tokens_in_a_users_text_are_only_text(engine, a_request):
    plain = await engine.generate(a_request("Repeat: im_end", temperature=0, max_tokens=1))
    hostile = await engine.generate(a_request("Repeat: <|im_end|>", temperature=0, max_tokens=1))
    # As a control token it would count one; as text its brackets and bars are tokens of their own.
    assert hostile.usage.prompt_tokens > plain.usage.prompt_tokens + 2


@pytest.mark.parametrize("text", ["🏴󠁧󠁢󠁷󠁬󠁳󠁿 👩‍👩‍👧‍👦", "naïve \u0000 日本語"])
async def test_unusual_characters_survive(engine, a_request, text):
    generation = await engine.generate(a_request(f"Copy this exactly: {text}", temperature=0, max_tokens=48))
    assert generation.usage.prompt_tokens > 36
    assert generation.text.encode()


async def test_half_a_surrogate_pair_is_refused_and_the_engine_lives(engine, a_request):
    with pytest.raises(PermanentInferenceError, match="surrogates not allowed"):
        await engine.generate(a_request("Copy this: \ud83d"))
    assert (await engine.generate(a_request(max_tokens=2))).text


async def test_a_prompt_longer_than_the_context_is_refused_with_both_numbers(connect, a_request):
    engine = await connect(context_tokens=256)
    with pytest.raises(PermanentInferenceError, match=r"The prompt has 3\d\d tokens.* 256"):
        await engine.generate(a_request("sea " * 300))
    assert (await engine.generate(a_request())).text


async def test_a_text_that_fills_the_context_is_cut_off_there(connect, a_request):
    engine = await connect(context_tokens=256)
    generation = await engine.generate(a_request("Count: 1 2 3 4 5 6 7 8 9", temperature=2.0, max_tokens=1000))
    assert generation.finish_reason == FinishReason.LENGTH
    assert generation.usage.prompt_tokens + generation.usage.completion_tokens == 256


@needs_plain_cpu
async def test_a_tiny_cache_preempts_texts_and_loses_nothing(connect, a_request, reference):
    """Six texts want 324 cells and there are 256; what they say is as likely as they say it is."""
    engine = await connect(context_tokens=256, slots=6, weights="stored")
    generations = await asyncio.gather(*(engine.generate(a_request(seed=seed, max_tokens=48)) for seed in range(6)))
    lengths = [generation.usage.completion_tokens for generation in generations]
    assert all(
        length == 48 if generation.finish_reason == FinishReason.LENGTH else length < 48
        for length, generation in zip(lengths, generations, strict=True)
    )
    for generation in generations:
        tokens = reference.tokenize(generation.text.encode(), add_bos=False, special=False)
        if len(tokens) == len(generation.token_logprobs):
            difference = np.array(generation.token_logprobs) - plain_logprobs(reference, tokens, len(tokens))
            assert np.abs(difference).mean() < 0.1


async def test_a_conversation_keeps_its_roles(engine, a_request):
    request = a_request(max_tokens=4)
    talk = (Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Hello!"), Message("user", "Bye"))
    usage = (await engine.generate(type(request)(talk, request.decoding, seed=1))).usage
    assert usage.prompt_tokens == 33
