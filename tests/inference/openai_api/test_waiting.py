"""How long calls wait and who waits: Retry-After, limits told by headers, the breaker, cancelled callers."""

import asyncio
import itertools
import re
import time

import pytest

from experiments.domain.errors import TransientInferenceError
from experiments.inference.base import EndpointDown
from experiments.inference.calls import CallState
from experiments.inference.openai_api.limits import Ending, Gate, LimitSettings
from experiments.inference.openai_api.told import duration, pause_seconds, wait_seconds
from tests.servers.misbehaving import Misbehaving, chunks, hang, status, stream

from .asking import USAGE, Ledger, a_request, ask, endpoint

FINE = stream("Seven.", usage=USAGE)


def gaps(server):
    times = [asked.at for asked in server.requests]
    return [after - before for before, after in itertools.pairwise(times)]


async def test_retry_after_is_honoured():
    async with Misbehaving([status(429, retry_after="1"), FINE]) as server:
        generation, _ = await ask(server, longest_wait_seconds=30)
        assert gaps(server)[0] >= 1.0
    assert generation.text == "Seven."


async def test_retry_after_cannot_freeze_a_run():
    async with Misbehaving([status(429, retry_after="86400"), status(503, retry_after="86400"), FINE]) as server:
        generation, _ = await asyncio.wait_for(ask(server, longest_wait_seconds=0.2), 30)
        assert min(gaps(server)) >= 0.2
    assert generation.n_calls == 3


async def test_one_calls_retry_after_holds_the_others_too():
    async with Misbehaving([status(429, retry_after_ms="700"), FINE]) as server:
        client = await endpoint(server, longest_wait_seconds=5).connect()
        first = asyncio.create_task(client.generate(a_request()))
        await server.arrived.wait()
        while client.gate.n_under_way:  # noqa: ASYNC110 - the gate has no event for it, and the answer is a moment away
            await asyncio.sleep(0.001)
        await asyncio.gather(first, *(client.generate(a_request(seed=seed)) for seed in range(3)))
        assert gaps(server)[0] >= 0.69
        await client.aclose()


async def test_an_endpoint_that_says_nothing_is_left_is_given_time():
    used_up = {"x_ratelimit_remaining_requests": "0", "x_ratelimit_limit_requests": "1", "x_ratelimit_reset_requests": "600ms"}
    body = 'data: {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}\n\n'
    async with Misbehaving([chunks(body, "data: [DONE]\n\n", **used_up), FINE]) as server:
        client = await endpoint(server, longest_wait_seconds=5).connect()
        await client.generate(a_request())
        await client.generate(a_request(seed=8))
        assert gaps(server)[0] >= 0.6
        await client.aclose()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "6m0s"}, None),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1741305600000"}, None),  # a date, not a duration
        ({}, None),
    ],
)
def test_waiting_times_are_read_from_headers(headers, seconds):
    assert wait_seconds(headers) == (None if seconds is None else pytest.approx(seconds))


def test_an_answered_call_waits_only_for_room_for_the_next():
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-limit-requests": "60", "x-ratelimit-reset-requests": "1m"}
    assert pause_seconds(headers) == pytest.approx(1.0)
    assert [duration(text) for text in ("1h2m3.5s", "12", "5 s", "")] == [3723.5, 12.0, None, None]


async def test_an_endpoint_that_is_down_is_left_alone_and_asked_again_by_itself():
    options = {"max_attempts": 10, "failures_before_pause": 4, "pause_seconds": 1.5}
    async with Misbehaving([*[status(500)] * 5, FINE]) as server:
        client = await endpoint(server, **options).connect()
        ledger = Ledger()
        asked = [asyncio.create_task(client.generate(a_request(ledger, seed=seed))) for seed in range(4)]
        ended = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(error, EndpointDown) for error in ended)
        assert re.search(r"is down: call after call failed\. It is asked again in [12] seconds\.$", str(ended[0]))
        assert len(server.requests) == 4
        with pytest.raises(EndpointDown) as down:
            await client.generate(a_request(ledger))
        assert len(server.requests) == 4  # refused at the gate
        # The fifth failure is the probe's; the pause after it is twice as long.
        await asyncio.sleep(max(0.0, down.value.retry_at - time.time()))
        with pytest.raises(EndpointDown) as still_down:
            await client.generate(a_request(ledger))
        assert len(server.requests) == 5
        assert still_down.value.retry_at - time.time() > 1.5
        await asyncio.sleep(max(0.0, still_down.value.retry_at - time.time()))
        assert (await client.generate(a_request(ledger))).text == "Seven."
        assert (await client.generate(a_request(ledger))).text == "Seven."
        assert ledger.n_sent == len(ledger.calls) == len(server.requests) == 7
        await client.aclose()


async def test_429_is_no_sign_of_an_endpoint_that_is_down():
    async with Misbehaving([status(429)]) as server:
        error, ledger = await ask(server, max_attempts=8, failures_before_pause=2)
        assert type(error) is TransientInferenceError
        assert ledger.n_sent == 8


async def test_a_forbidden_call_does_not_leave_and_what_forbade_it_comes_out():
    class CapReached(Exception):
        pass

    async def forbid(call):
        raise CapReached(call.most_cost)

    async with Misbehaving([FINE]) as server:
        client = await endpoint(server).connect()
        request = a_request(max_tokens=100)
        with pytest.raises(CapReached) as reached:
            await client.generate(type(request)(request.messages, request.decoding, 7, on_call=forbid))
        # 14 bytes of prompt and 16 tokens around it at 1 each, 100 tokens to be written at 2 each.
        assert reached.value.args == (14 + 16 + 200,)
        assert not server.requests
        assert client.gate.n_under_way == 0
        await client.aclose()


async def test_a_cancelled_caller_gives_its_place_to_the_next():
    async with Misbehaving([hang, FINE]) as server:
        client = await endpoint(server, max_concurrency=1).connect()
        ledger = Ledger()
        first = asyncio.create_task(client.generate(a_request(ledger)))
        await server.arrived.wait()
        waiting = [asyncio.create_task(client.generate(a_request(seed=seed))) for seed in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        first.cancel()
        ended = await asyncio.wait_for(asyncio.gather(first, *waiting, return_exceptions=True), 20)
        assert [type(each).__name__ for each in ended] == ["CancelledError", "CancelledError", "Generation", "Generation"]
        assert [call.state for call in ledger.reported] == [CallState.SENT, CallState.ABANDONED]
        assert len(server.requests) == 3
        await client.aclose()


async def test_who_tries_again_goes_before_those_who_came_later():
    settings = LimitSettings(1, None, None, failures_allowed=9, pause_seconds=1, longest_wait_seconds=1)
    gate = Gate("m", settings)
    inside = await gate.enter(1)
    order = []

    async def enter(name, again):
        entered = await gate.enter(1, again)
        order.append(name)
        gate.leave(entered, Ending.FINE)

    tasks = [asyncio.create_task(enter(name, name == "retry")) for name in ("new 1", "new 2", "retry")]
    await asyncio.sleep(0)
    gate.leave(inside, Ending.FINE)
    await asyncio.gather(*tasks)
    assert order == ["retry", "new 1", "new 2"]
