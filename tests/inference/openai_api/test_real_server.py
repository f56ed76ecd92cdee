"""Against a server that others wrote. Each cell of its truth table was checked by hand with curl."""

import asyncio

import pytest

from experiments.domain.types import Decoding, FinishReason, Message
from experiments.inference import consents
from experiments.inference.base import Request, backends
from experiments.inference.openai_api.probe import probe
from experiments.models import LanguageModel, Run, Sample
from tests.factories import make_run
from tests.runner.working import work_until_idle
from tests.servers.llama_cpp_python import crashes_here, llama_cpp_python_server

pytestmark = pytest.mark.skipif(crashes_here(), reason="llama-cpp-python's server crashes on CPUs with AMX")


@pytest.fixture(scope="module")
def base_url():
    with llama_cpp_python_server() as url:
        yield url


@pytest.fixture
def backend(base_url):
    consents.allow_private(base_url)
    options = {"preset": "llama_cpp_python", "base_url": base_url, "model": "smollm2"}
    return backends.build("openai_api", {**options, "logprobs": True, "price_output": 1e6})


def a_request(seed=3, **decoding):
    return Request((Message("user", "Write a long story about a lighthouse."),), Decoding(**decoding), seed)


async def test_text_streams_and_carries_usage_and_a_logprob_for_every_token(backend):
    client = await backend.connect()
    try:
        seen = []
        one, again = [await client.generate(a_request(max_tokens=12), seen.append) for _ in range(2)]
        other = await client.generate(a_request(seed=4, max_tokens=12))
        stopped = await client.generate(a_request(max_tokens=12, stop=(one.text.split()[1],)))
    finally:
        await client.aclose()
    assert one.text == again.text != other.text
    assert seen[-1] == one.text
    assert one.finish_reason == FinishReason.LENGTH
    # This server counts no tokens in streams, but it sends a logprob with each of them.
    assert one.usage_is_estimated
    assert one.usage.completion_tokens == len(one.token_logprobs) == one.cost == 12
    assert all(logprob <= 0 for logprob in one.token_logprobs)
    assert one.token_logprobs == again.token_logprobs
    assert 0 < one.seconds_to_first_token < one.seconds
    assert len(one.request_id) == 32
    assert stopped.finish_reason == FinishReason.STOP
    assert stopped.text == one.text.partition(one.text.split()[1])[0]


async def test_the_truth_table_says_what_this_server_honours(backend):
    report = await probe(backend)
    assert {row.feature: row.verdict.value for row in report.rows} == {
        "max_tokens": "honours",
        "max_completion_tokens": "ignores",
        "usage": "honours",
        "streaming": "honours",
        "usage in streams": "ignores",
        "seed": "honours",
        "stop": "honours",
        "logprobs": "honours",
        "n": "ignores",
        "usage of n": "unclear",
        "n in streams": "ignores",
        "prefix": "ignores",
        "raw completions": "honours",
        # It gives the text back, but reads each token's number one place too late.
        "given texts": "ignores",
        "JSON schema": "refuses",
        "system role": "honours",
        "reasoning": "unclear",
    }
    seen = {row.feature: row.seen for row in report.rows}
    assert seen["max_tokens"] == "8 tokens, ended with “length”"
    assert seen["logprobs"] == "8 of 8 tokens, 20 likeliest for each"
    assert seen["n"] == "1 answer"
    assert seen["system role"] == "34 prompt tokens without, 39 with it"
    assert "Input should be 'text' or 'json_object'" in seen["JSON schema"]
    assert seen["given texts"].startswith("wrong numbers: ")
    assert report.n_calls < 30
    assert report.cost > 0
    assert not report.honours("n")
    assert report.honours("seed")


async def test_raw_completions_go_on_from_a_text_with_logprobs_and_the_likeliest_others(backend):
    raw = type(backend).model_validate({**backend.model_dump(mode="json"), "raw": True})
    report = await probe(raw)
    verdicts = {row.feature: row.verdict.value for row in report.rows}
    honoured = {"max_tokens", "usage", "streaming", "seed", "stop", "logprobs", "prefix", "raw completions", "system role"}
    assert {feature for feature, verdict in verdicts.items() if verdict == "honours"} == honoured
    told = raw.told(report.as_json())
    assert told.capabilities == {"logprobs", "top_logprobs", "continues"}
    client = await told.connect()
    try:
        counting = Request((Message("user", "1, 2, 3,"),), Decoding(temperature=0, max_tokens=6), 1, prefix=" 4,", top_logprobs=3)
        generation = await client.generate(counting)
    finally:
        await client.aclose()
    assert generation.text.replace(" ", "").startswith("5,6")
    assert len(generation.top_logprobs) == len(generation.token_logprobs) == 6
    assert all(len(likeliest) >= 3 for likeliest in generation.top_logprobs)
    # Drawn greedily, so the token written is the likeliest.
    written = [likeliest[0].logprob for likeliest in generation.top_logprobs]
    assert written == pytest.approx(generation.token_logprobs)


async def test_eight_at_once_are_eight_different_samples(backend):
    client = await backend.connect()
    try:
        generations = await asyncio.gather(*(client.generate(a_request(seed, temperature=1, max_tokens=6)) for seed in range(8)))
    finally:
        await client.aclose()
    assert len({generation.text for generation in generations}) == 8
    assert all(len(generation.token_logprobs) == 6 for generation in generations)


@pytest.mark.django_db(transaction=True)
def test_a_best_of_eight_run_completes_with_usage_and_logprobs_in_every_sample(backend):
    """From a stored language model through planning, worker and grading to the findings."""
    entry = LanguageModel.objects.create(name="remote", backend=backend.name, params=backend.model_dump(mode="json"))
    run = make_run(n=8, problems=1, language_models=[entry], decoding={"temperature": 0.8, "max_tokens": 6})
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED, run.reason
    samples = list(Sample.objects.filter(run=run))
    assert len(samples) == 8
    assert len({sample.seed for sample in samples}) == 8
    for sample in samples:
        assert sample.prompt_tokens > 0
        assert 0 < sample.completion_tokens <= 6
        assert len(sample.token_logprobs) == sample.completion_tokens
        assert sample.mean_logprob < 0
        assert 0 < sample.seconds_to_first_token <= sample.seconds
    assert run.n_graded == 8
    assert run.findings.exists()
