"""For everything an endpoint can do wrong: what comes of the sample, how many calls were made, what they cost, what is said."""

import asyncio

import pytest

from experiments.domain.errors import PermanentInferenceError, TransientInferenceError
from experiments.domain.types import FinishReason, Usage
from experiments.inference.base import Generation, NeedsAttention
from experiments.inference.calls import CallState
from tests.servers.misbehaving import Misbehaving, chunks, drip, flood, hang, hang_up, status, stream

from .asking import LIKELY_PROMPT_TOKENS, USAGE, Ledger, a_request, ask, endpoint

FINE = stream("Se", "ven", ".", usage=USAGE)
FINE_COST = 11 + 2 * 3
# A call that broke off is charged for its prompt and for what had been written.
BROKEN_COST = LIKELY_PROMPT_TOKENS

BAD_JSON = chunks("data: {not json\n\n")
NO_CHOICES = chunks('data: {"choices": []}\n\n', "data: [DONE]\n\n")
ERROR_IN_200 = status(200, {"error": {"message": "upstream broke", "code": "oops"}})
ERROR_IN_STREAM = chunks('data: {"error": {"message": "upstream broke", "code": 502}}\n\n')


@pytest.mark.parametrize(
    ("trouble", "cost", "note"),
    [
        (status(429), 0, "it wants fewer calls (429): error 429"),
        (status(429, retry_after="0.01"), 0, "it wants fewer calls (429): error 429"),
        (status(500), 0, "it failed (500): error 500"),
        (status(503), 0, "it has more than it can do (503): error 503"),
        (status(502, b"<html>Bad gateway</html>"), 0, "it failed (502): <html>Bad gateway</html>"),
        (hang_up, BROKEN_COST, "the connection broke off before the answer"),
        (stream("Sev", then="cut", reason=None, done=False), BROKEN_COST + 2, "the connection broke off after 3 characters"),
        (stream("Sev", reason=None, done=False), BROKEN_COST + 2, "the answer broke off after 3 characters"),
        (BAD_JSON, BROKEN_COST, "it sent something that is not JSON"),
        (status(200, b"<html>Sign in to the hotel</html>"), BROKEN_COST, "it sent something that is not JSON"),
        (status(200, b"[]"), BROKEN_COST, "it sent something that is no answer"),
        (NO_CHOICES, BROKEN_COST, "its answer holds no choices"),
        (ERROR_IN_200, BROKEN_COST, "it sent an error instead of an answer: upstream broke"),
        (ERROR_IN_STREAM, 0, "it failed (502): upstream broke"),
        (stream("Sev", reason="error"), BROKEN_COST + 2, "it broke off the answer with an error"),
    ],
)
async def test_trouble_that_may_pass_is_tried_again_and_costs_what_it_cost(trouble, cost, note):
    async with Misbehaving([trouble, FINE]) as server:
        generation, ledger = await ask(server)
        assert len(server.requests) == 2
    assert generation.text == "Seven."
    assert generation.finish_reason == FinishReason.STOP
    assert generation.usage == Usage(11, 0, 3, 0)
    assert generation.n_calls == 2
    assert generation.cost == ledger.cost == cost + FINE_COST
    failed, answered = ledger.calls
    assert (failed.state, failed.note, failed.cost, failed.try_number) == (CallState.FAILED, note, cost, 1)
    assert (answered.state, answered.note, answered.cost, answered.try_number) == (CallState.ANSWERED, "", FINE_COST, 2)

    async with Misbehaving([trouble]) as server:
        error, ledger = await ask(server)
        assert len(server.requests) == 3
    assert type(error) is TransientInferenceError
    host = server.base_url.split("/")[2]
    assert str(error) == f"“m” at {host} did not answer in 3 tries. The last time {note}."
    assert ledger.cost == 3 * cost
    assert ledger.n_sent == 3


@pytest.mark.parametrize(
    ("trouble", "patience", "cost", "note"),
    [
        (hang, "first_token_seconds", 0, "no text came within 1 seconds"),
        (drip, "first_token_seconds", 0, "no text came within 1 seconds"),
        (stream("Sev", then="hang", reason=None, done=False), "next_token_seconds", 2, "the text stopped for 1 seconds"),
    ],
)
async def test_waiting_has_an_end_of_its_own_at_every_stage(trouble, patience, cost, note):
    async with Misbehaving([trouble]) as server:
        error, ledger = await ask(server, max_attempts=2, **{patience: 1})
        assert len(server.requests) == 2
    assert type(error) is TransientInferenceError
    assert str(error).endswith(f"did not answer in 2 tries. The last time {note}.")
    assert ledger.cost == 2 * (BROKEN_COST + cost)


async def test_an_answer_that_never_ends_is_ended():
    endless = ['data: {"choices": [{"delta": {"content": "a"}}]}\n\n'] * 9_999
    async with Misbehaving([chunks(*endless, every_seconds=0.1)]) as server:
        error, ledger = await ask(server, max_attempts=2, total_seconds=1)
    assert type(error) is TransientInferenceError
    assert str(error).endswith("did not answer in 2 tries. The last time the answer was not complete after 1 seconds.")
    assert 2 * BROKEN_COST < ledger.cost <= 2 * (BROKEN_COST + 2 * 10)


@pytest.mark.parametrize(
    ("trouble", "kind", "note"),
    [
        (status(400), PermanentInferenceError, "it refused the request (400): error 400"),
        (status(422, {"detail": "no such field"}), PermanentInferenceError, "it refused the request (422): no such field"),
        (status(501), PermanentInferenceError, "it refused the request (501): error 501"),
        (status(401), NeedsAttention, "401: error 401. Check the key of this language model."),
        (status(403), NeedsAttention, "403: error 403. The key may not use this model or this address."),
        (status(404), NeedsAttention, "404: error 404. Check the base URL and the model's name."),
        (
            status(429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}),
            NeedsAttention,
            "402: You exceeded your quota. The account has no credit left. Pay in, then resume the run.",
        ),
        (
            status(307, location="http://169.254.169.254/latest"),
            NeedsAttention,
            "it redirects (307), which is not followed. Enter the address it should be asked at.",
        ),
    ],
)
async def test_what_would_fail_again_is_asked_once_and_costs_nothing(trouble, kind, note):
    async with Misbehaving([trouble, FINE]) as server:
        error, ledger = await ask(server)
        assert len(server.requests) == 1
    assert type(error) is kind
    assert str(error) == f"“m” at {server.base_url.split('/')[2]} did not answer: {note}"
    assert ledger.cost == 0
    assert [call.state for call in ledger.reported] == [CallState.SENT, CallState.FAILED]


@pytest.mark.parametrize(
    ("trouble", "cost", "note"),
    [
        (flood(50), BROKEN_COST, "its response was dropped: it is larger than 10 MB"),
        (status(500, b"x" * 50_000_000), BROKEN_COST, "its response was dropped: it is larger than 10 MB"),
        (
            chunks("x", content_encoding="gzip"),
            BROKEN_COST,
            "its response was dropped: it is compressed, which was not asked for",
        ),
        (stream("I wi", reason="content_filter", usage=USAGE), FINE_COST, "its content filter stopped the answer"),
        (
            status(400, {"error": {"message": "filtered", "code": "content_filter"}}),
            0,
            "its content filter refused the prompt (400): filtered",
        ),
        (stream(reason="tool_calls", usage=USAGE), FINE_COST, "it called a tool instead of answering"),
    ],
)
async def test_a_sample_lost_for_good_is_a_failed_sample_and_no_answer(trouble, cost, note):
    async with Misbehaving([trouble, FINE]) as server:
        generation, ledger = await ask(server)
        assert len(server.requests) == 1
    assert isinstance(generation, Generation)
    assert (generation.text, generation.finish_reason) == ("", FinishReason.FAILED)
    assert generation.error == f"“m” at {server.base_url.split('/')[2]} did not answer: {note}"
    assert generation.cost == ledger.cost == cost


@pytest.mark.parametrize(
    "usage",
    [None, {"prompt_tokens": -4, "completion_tokens": 3}, {"prompt_tokens": 11, "completion_tokens": 0}, {"prompt_tokens": "11"}],
)
async def test_missing_and_impossible_usage_is_estimated_and_says_so(usage):
    async with Misbehaving([stream("Se", "ven", ".", usage=usage)]) as server:
        generation, ledger = await ask(server)
    assert generation.text == "Seven."
    assert generation.usage_is_estimated
    assert ledger.calls[0].usage_is_estimated
    assert generation.usage == Usage(LIKELY_PROMPT_TOKENS, 0, 3, 0)


async def test_a_burst_of_errors_passes_with_patience():
    async with Misbehaving([*[status(500)] * 4, FINE]) as server:
        generation, ledger = await ask(server, max_attempts=5)
    assert (generation.text, generation.n_calls) == ("Seven.", 5)
    assert [call.status for call in ledger.calls] == [500, 500, 500, 500, 200]


async def test_an_answer_whose_last_bytes_are_lost_is_still_an_answer():
    async with Misbehaving([stream("Seven.", usage=USAGE, done=False, then="cut")]) as server:
        generation, _ = await ask(server)
        assert (generation.text, generation.n_calls) == ("Seven.", 1)
    async with Misbehaving([stream("Seven.", usage=USAGE, then="hang")]) as server:
        generation, _ = await ask(server, next_token_seconds=30)
        assert (generation.text, generation.n_calls) == ("Seven.", 1)


async def test_cancelling_ends_the_call_and_the_ledger_hears_of_it():
    async with Misbehaving([stream("Sev", then="hang", reason=None, done=False)]) as server:
        client, ledger, started = await endpoint(server).connect(), Ledger(), asyncio.Event()
        asking = asyncio.create_task(client.generate(a_request(ledger), lambda text: started.set()))
        await started.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await client.aclose()
    sent, abandoned = ledger.reported
    assert (sent.state, abandoned.state) == (CallState.SENT, CallState.ABANDONED)
    assert abandoned.cost == BROKEN_COST + 2
