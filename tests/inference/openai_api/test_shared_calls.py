"""Draws of one prompt that leave as one call where the truth test saw n honoured: paid once, divided so that sums are right."""

import asyncio
from dataclasses import replace

import pytest

from experiments.domain.errors import InferenceError, PermanentInferenceError, TransientInferenceError
from experiments.domain.types import FinishReason, Usage
from experiments.inference.calls import CallState
from experiments.inference.openai_api.sharing import divide, share
from tests.servers.misbehaving import Misbehaving, hang, status
from tests.servers.sharing import PROMPT_TOKENS, TRUTH, sharing

from .asking import Ledger, a_request, endpoint


async def draw(server, n, ledger=None, shown=None, groups=("hash",), **options):
    """What came of n draws of one prompt, or of n of each group, asked for together."""
    ledger = ledger or Ledger()
    client = await endpoint(server, **options).told(TRUTH).connect()
    try:
        requests = [
            replace(a_request(ledger, seed=100 + place, max_tokens=20), attempt="1", key=(group, place))
            for group in groups
            for place in range(n)
        ]
        show = [shown[place].append if shown else None for place in range(n)] * len(groups)
        drawn = (client.generate(request, on_text) for request, on_text in zip(requests, show, strict=True))
        return await asyncio.gather(*drawn, return_exceptions=True), ledger, client
    finally:
        await client.aclose()


async def test_draws_that_wait_together_are_one_call_and_each_answer_is_its_own_sample():
    texts = ["one two", "three", "four five six", "seven eight"]
    shown = [[] for _ in texts]
    async with Misbehaving([sharing(texts)]) as server:
        drawn, ledger, _ = await draw(server, 4, shown=shown)
        [request] = server.requests
    assert (request.body["n"], request.body["seed"]) == (4, 100)
    assert [each.text.strip() for each in drawn] == texts
    assert [each.choice for each in drawn] == [0, 1, 2, 3]
    assert {each.seed_sent for each in drawn} == {100}
    assert {each.request_id for each in drawn} == {"shared"}
    assert [seen[-1].strip() for seen in shown] == texts
    [call] = ledger.calls
    assert call.draws == tuple(("hash", place) for place in range(4))
    assert (call.usage, call.usage_is_estimated, call.cost) == (Usage(PROMPT_TOKENS, 0, 8, 0), False, PROMPT_TOKENS + 2 * 8)


async def test_the_prompt_is_counted_once_and_the_shares_add_up_to_the_call():
    async with Misbehaving([sharing(["one two", "three", "four five six"])]) as server:
        drawn, ledger, _ = await draw(server, 3)
    assert [each.usage.prompt_tokens for each in drawn] == [PROMPT_TOKENS, 0, 0]
    assert [each.usage.completion_tokens for each in drawn] == [2, 1, 3]
    assert [each.n_calls for each in drawn] == [1, 0, 0]
    assert sum(each.cost for each in drawn) == ledger.cost
    # Their sum is told, and as many pieces came as tokens were counted, so nothing had to be guessed.
    assert not any(each.usage_is_estimated for each in drawn)


async def test_without_usage_all_of_it_is_an_estimate():
    async with Misbehaving([sharing(["one two", "three"], usage=False)]) as server:
        drawn, ledger, _ = await draw(server, 2)
    assert all(each.usage_is_estimated for each in drawn)
    assert ledger.calls[0].usage_is_estimated
    assert sum(each.cost for each in drawn) == ledger.cost > 0


async def test_parties_are_no_larger_than_allowed_and_of_one_prompt_each():
    async with Misbehaving([sharing()]) as server:
        await draw(server, 5, groups=("a", "b"), choices_per_call=2)
        asked = sorted(request.body.get("n", 1) for request in server.requests)
    assert asked == [1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize("lacking", ["n", "usage of n", "n in streams"])
async def test_without_a_part_of_it_every_sample_is_a_call_of_its_own(lacking):
    truth = {**TRUTH, "rows": [row for row in TRUTH["rows"] if row["feature"] != lacking]}
    async with Misbehaving([sharing()]) as server:
        api = endpoint(server).told(truth)
        client = await api.connect()
        drawn = (client.generate(replace(a_request(seed=seed), attempt="1", key=("h", seed))) for seed in range(3))
        samples = await asyncio.gather(*drawn)
        await client.aclose()
        assert sorted(request.body["seed"] for request in server.requests) == [0, 1, 2]
    assert [sample.seed_sent for sample in samples] == [0, 1, 2]
    assert api.way_of_asking() == (
        f"One call per sample: the truth test of 2026-09-21 asked for “{lacking}” and saw: not tested."
    )


async def test_a_failed_call_is_tried_again_for_all_and_its_cost_is_not_lost():
    async with Misbehaving([status(500), sharing(["a b", "c"])]) as server:
        drawn, ledger, _ = await draw(server, 2)
        assert [request.body["n"] for request in server.requests] == [2, 2]
    assert [each.text.strip() for each in drawn] == ["a b", "c"]
    assert [each.n_calls for each in drawn] == [2, 0]
    assert [call.state for call in ledger.calls] == [CallState.FAILED, CallState.ANSWERED]


async def test_a_call_that_breaks_off_keeps_the_answers_that_had_ended():
    async with Misbehaving([sharing(["a b", "c", "d"], ends=2), sharing(["e"])]) as server:
        drawn, ledger, _ = await draw(server, 3)
        assert [request.body.get("n", 1) for request in server.requests] == [3, 1]
        assert [request.body["seed"] for request in server.requests] == [100, 102]
    assert [each.text.strip() for each in drawn] == ["a b", "c", "e"]
    assert [each.seed_sent for each in drawn] == [100, 100, 102]
    cut, whole = ledger.calls
    assert (cut.state, cut.is_cut, cut.draws) == (CallState.FAILED, True, (("hash", 0), ("hash", 1), ("hash", 2)))
    assert (whole.state, whole.is_cut, whole.draws) == (CallState.ANSWERED, False, (("hash", 2),))
    assert sum(each.cost for each in drawn) == ledger.cost
    assert sum(each.n_calls for each in drawn) == 2


async def test_an_endpoint_that_stops_honouring_n_is_asked_one_by_one_from_then_on():
    async with Misbehaving([sharing(["a", "b", "c", "d", "e", "f"], gives=1)]) as server:
        ledger = Ledger()
        client = await endpoint(server).told(TRUTH).connect()

        async def draw_three():
            asked = [replace(a_request(ledger, seed=seed), attempt="1", key=("hash", seed)) for seed in range(3)]
            return await asyncio.gather(*map(client.generate, asked))

        first, second = await draw_three(), await draw_three()
        await client.aclose()
        assert [request.body.get("n", 1) for request in server.requests] == [3, 1, 1, 1, 1, 1]
    assert sorted(each.text.strip() for each in first + second) == ["a", "b", "c", "d", "e", "f"]
    assert sum(each.cost for each in first + second) == ledger.cost


async def test_an_endpoint_that_refuses_so_many_is_asked_one_by_one():
    async def at_most_one(wire):
        await (status(400, {"error": {"message": "n must be 1"}}) if wire.asked.body.get("n", 1) > 1 else sharing(["x"]))(wire)

    async with Misbehaving([at_most_one]) as server:
        drawn, ledger, _ = await draw(server, 3)
    assert [each.text.strip() for each in drawn] == ["x", "x", "x"]
    assert [call.state for call in ledger.calls] == [CallState.FAILED, *[CallState.ANSWERED] * 3]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [(status(400), PermanentInferenceError), (status(500), TransientInferenceError), (status(401), InferenceError)],
)
async def test_what_stops_one_of_them_stops_all(trouble, kind):
    async with Misbehaving([trouble]) as server:
        errors, ledger, client = await draw(server, 3)
        assert client.gate.n_under_way == 0
    assert all(isinstance(error, kind) for error in errors)
    assert ledger.cost == 0


async def test_a_draw_given_up_leaves_the_others_and_the_last_one_stops_the_call():
    async with Misbehaving([hang]) as server:
        ledger = Ledger()
        client = await endpoint(server).told(TRUTH).connect()
        asked = [replace(a_request(ledger, seed=seed), attempt="1", key=("hash", seed)) for seed in range(2)]
        tasks = [asyncio.create_task(client.generate(request)) for request in asked]
        await server.arrived.wait()
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        assert client.gate.n_under_way == 1
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        assert client.gate.n_under_way == 0
        await client.aclose()
    assert [call.state for call in ledger.calls] == [CallState.ABANDONED]


async def test_an_answer_without_an_end_of_its_own_is_lost_alone():
    async def one_filtered(wire):
        await sharing_with_reasons(wire, ["stop", "content_filter"])

    async def sharing_with_reasons(wire, reasons):
        choices = [
            {"index": place, "message": {"content": f"text {place}"}, "finish_reason": reason}
            for place, reason in enumerate(reasons)
        ]
        usage = {"prompt_tokens": 11, "completion_tokens": 4}
        await status(200, {"choices": choices, "usage": usage})(wire)

    async with Misbehaving([one_filtered]) as server:
        drawn, ledger, _ = await draw(server, 2)
        assert len(server.requests) == 1
    assert [each.finish_reason for each in drawn] == [FinishReason.STOP, FinishReason.FAILED]
    assert "content filter" in drawn[1].error
    assert sum(each.cost for each in drawn) == ledger.cost == 11 + 2 * 4


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [
        (8, [2, 1, 5], [2, 1, 5]),
        (10, [1, 1, 1], [4, 3, 3]),
        (3, [0, 0], [2, 1]),
        (7, [5, 0, 5], [4, 0, 3]),  # 3.5 each: the first is rounded up
        (0, [3, 4], [0, 0]),
    ],
)
def test_a_whole_is_divided_in_proportion_and_adds_up(whole, weights, parts):
    assert divide(whole, weights) == parts
    assert sum(parts) == whole


def test_reasoning_is_divided_like_the_completion_it_is_part_of_and_never_exceeds_it():
    shares = share(Usage(20, 8, 10, 6), False, [4, 1])
    assert [each.usage for each in shares] == [Usage(20, 8, 8, 5), Usage(0, 0, 2, 1)]
    assert all(each.is_estimated for each in shares)
