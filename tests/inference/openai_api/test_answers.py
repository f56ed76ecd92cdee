"""What an answer is made of, in the dialects endpoints speak: text, reasoning, refusals, logprobs, usage, reasons to end."""

import itertools
import json

import pytest

from experiments.domain.types import FinishReason, Usage
from experiments.inference.openai_api.sse import events
from experiments.inference.openai_api.thinking import split_thoughts
from tests.servers.misbehaving import Misbehaving, chunks, stream, whole

from .asking import USAGE, a_request, ask, endpoint


def delta(reason=None, **fields):
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': fields, 'finish_reason': reason}]})}\n\n"


async def answer_to(*parts, **options):
    async with Misbehaving([chunks(*parts, delta("stop"), "data: [DONE]\n\n")]) as server:
        generation, _ = await ask(server, **options)
        return generation


@pytest.mark.parametrize(
    "parts",
    [
        [delta(reasoning_content="3 and "), delta(reasoning_content="4."), delta(content="Seven.")],
        [delta(reasoning="3 and 4."), delta(content="Seven.")],
        [delta(content="<thi"), delta(content="nk>3 and 4.</th"), delta(content="ink>\n\nSeven.")],
        [
            delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "3 and 4."}]}]),
            delta(content=[{"type": "text", "text": "Seven."}]),
        ],
    ],
)
async def test_reasoning_is_kept_apart_from_the_answer(parts):
    generation = await answer_to(*parts)
    assert (generation.reasoning, generation.text) == ("3 and 4.", "Seven.")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<think>hm</think> 7", ("hm", "7")),
        ("<think>never ends", ("never ends", "")),
        ("<thi", ("", "")),
        ("a <think> in the middle</think> is text", ("", "a <think> in the middle</think> is text")),
        ("  spaces stay", ("", "  spaces stay")),
        ("", ("", "")),
    ],
)
def test_only_a_block_at_the_beginning_is_thought(text, parts):
    assert split_thoughts(text) == parts


async def test_usage_with_cached_and_reasoning_tokens_is_read_and_priced():
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 80},
        "completion_tokens_details": {"reasoning_tokens": 40},
    }
    async with Misbehaving([stream("Seven.", usage=usage)]) as server:
        generation, ledger = await ask(server, price_cached_input=500_000)
    assert generation.usage == Usage(100, 80, 50, 40)
    assert generation.cost == ledger.cost == 20 * 1 + 80 * 0.5 + 50 * 2
    assert not generation.usage_is_estimated


async def test_a_refusal_is_kept_as_such():
    generation = await answer_to(delta(refusal="I cannot "), delta(refusal="help."))
    assert generation.refusal == "I cannot help."
    assert generation.text == ""
    assert generation.finish_reason == FinishReason.STOP


@pytest.mark.parametrize(
    ("reason", "max_tokens", "finish_reason"),
    [
        ("stop", 3, FinishReason.STOP),
        ("eos_token", 3, FinishReason.STOP),
        ("length", 100, FinishReason.LENGTH),
        ("max_tokens", 100, FinishReason.LENGTH),
        (None, 3, FinishReason.LENGTH),  # nothing said, and as many tokens as were allowed
        (None, 4, FinishReason.STOP),
    ],
)
async def test_reasons_to_end_are_translated_and_kept(reason, max_tokens, finish_reason):
    async with Misbehaving([stream("Se", "ven", ".", reason=reason, usage=USAGE)]) as server:
        client = await endpoint(server).connect()
        generation = await client.generate(a_request(max_tokens=max_tokens))
        await client.aclose()
    assert generation.finish_reason == finish_reason
    assert generation.endpoint_finish_reason == (reason or "")


@pytest.mark.parametrize(("told", "stop_string"), [("\n\n", "\n\n"), (128_009, ""), ("stop", ""), (None, "")])
async def test_the_stop_string_is_taken_from_an_endpoint_that_tells_it(told, stop_string):
    ended = {"choices": [{"index": 0, "delta": {"content": "7"}, "finish_reason": "stop", "stop_reason": told}]}
    async with Misbehaving([chunks(f"data: {json.dumps(ended)}\n\n", "data: [DONE]\n\n")]) as server:
        client = await endpoint(server).connect()
        generation = await client.generate(a_request(stop=("\n\n", "END")))
        await client.aclose()
    assert generation.stop_string == stop_string


async def test_logprobs_are_collected_over_the_stream():
    def token(text, *logprobs):
        entries = [{"token": text, "logprob": logprob} for logprob in logprobs]
        return {"choices": [{"index": 0, "delta": {"content": text}, "logprobs": {"content": entries}}]}

    parts = [f"data: {json.dumps(token(*each))}\n\n" for each in [("Se", -0.5), ("ven.", -0.25, -1)]]
    generation = await answer_to(*parts, logprobs=True)
    assert generation.token_logprobs == (-0.5, -0.25, -1.0)


async def test_an_endpoint_that_does_not_stream_is_understood():
    async with Misbehaving([whole("Seven.", usage=USAGE)]) as server:
        generation, _ = await ask(server)
    assert (generation.text, generation.usage, generation.n_calls) == ("Seven.", Usage(11, 0, 3, 0), 1)


async def test_text_is_shown_while_it_grows_a_few_times_a_second():
    seen = []
    pieces = [f"{number} " for number in range(40)]
    parts = [delta(content=piece) for piece in pieces]
    async with Misbehaving([chunks(*parts, delta("stop"), "data: [DONE]\n\n", every_seconds=0.02)]) as server:
        generation, _ = await ask(server, on_text=seen.append)
    assert seen[0] == "0 "
    assert seen[-1] == generation.text == "".join(pieces)
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))
    assert 4 <= len(seen) <= generation.seconds / 0.1 + 2
    assert generation.seconds_to_first_token < generation.seconds / 2


async def test_connections_are_kept_for_the_next_call():
    async with Misbehaving([stream("Seven.")]) as server:
        client = await endpoint(server).connect()
        for seed in range(5):
            await client.generate(a_request(seed=seed))
        await client.aclose()
        assert len(server.requests) == 5
        assert server.n_connections == 1


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
async def test_events_are_found_however_the_bytes_are_cut(size):
    raw = 'data: {"é": 1}\r\n\r\n: comment\n\nevent: x\ndata: a\ndata: b\n\ndata:[DONE]\n\ndata: half'.encode()

    async def pieces():
        for start in range(0, len(raw), size):
            yield raw[start : start + size]

    assert [data async for data in events(pieces())] == ['{"é": 1}'.encode(), b"", b"a\nb", b"[DONE]"]
