"""Endpoints that lie, each in its own way, and what the truth test makes of them."""

import json

import pytest

from experiments.domain.errors import InvalidInput, TransientInferenceError
from experiments.inference.base import NeedsAttention
from experiments.inference.openai_api.probe import probe
from tests.servers.liar import Liar
from tests.servers.misbehaving import Misbehaving, status

from .asking import endpoint


async def table(liar, **options):
    async with Misbehaving([liar]) as server:
        report = await probe(endpoint(server, **options))
        assert report.n_calls == len(server.requests)
    return {row.feature: row.verdict.value for row in report.rows}, report


async def test_an_endpoint_that_accepts_everything_and_honours_little_is_found_out():
    verdicts, report = await table(Liar())
    assert verdicts == {
        "max_tokens": "honours",
        "max_completion_tokens": "ignores",
        "usage": "honours",
        "streaming": "honours",
        "usage in streams": "honours",
        "seed": "ignores",
        "stop": "ignores",
        "logprobs": "ignores",
        "n": "ignores",
        "usage of n": "unclear",
        "n in streams": "ignores",
        "prefix": "ignores",
        "raw completions": "ignores",
        "given texts": "ignores",
        "JSON schema": "ignores",
        "system role": "ignores",
        "reasoning": "unclear",
    }
    assert report.n_calls < 30


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"honours_n": True}, {"n": "honours", "usage of n": "ignores"}),  # as llama.cpp's server counts
        ({"honours_n": True, "counts_all_n": True}, {"n": "honours", "usage of n": "honours", "n in streams": "ignores"}),
        ({"honours_n": True, "streams_n": True}, {"n": "honours", "n in streams": "ignores"}),
        ({"honours_n": True, "counts_all_n": True, "streams_n": True}, {"n": "honours", "n in streams": "honours"}),
        ({"honours_n": True, "counts_all_n": True, "repeats_itself": True}, {"n": "unclear"}),
        ({"has_raw": True}, {"raw completions": "honours", "given texts": "ignores"}),
        ({"has_raw": True, "echoes": True}, {"raw completions": "honours", "given texts": "honours"}),
        ({"refuses": {"prompt": "no"}}, {"raw completions": "refuses", "given texts": "refuses"}),
        ({"honours_seed": True}, {"seed": "honours"}),
        ({"honours_stop": True}, {"stop": "honours"}),
        ({"continues": True}, {"prefix": "honours"}),
        ({"fills_schema": True}, {"JSON schema": "honours"}),
        ({"shows_reasoning": True}, {"reasoning": "honours"}),
        ({"hears_system": True}, {"system role": "honours"}),
        ({"refuses": {"n": "no"}}, {"n": "refuses", "usage of n": "unclear"}),
        ({"refuses": {"seed": "no"}}, {"seed": "refuses"}),
        ({"refuses": {"logprobs": "no"}}, {"logprobs": "refuses"}),
        ({"refuses": {"max_completion_tokens": "no"}}, {"max_tokens": "honours", "max_completion_tokens": "refuses"}),
        ({"refuses": {"continue_final_message": "no"}}, {"prefix": "ignores"}),
        ({"refuses": {"stream": "no"}}, {"max_tokens": "refuses", "streaming": "refuses", "usage": "honours"}),
    ],
)
async def test_each_feature_is_judged_by_itself(flags, expected):
    verdicts, _ = await table(Liar(**flags))
    assert verdicts.items() >= expected.items()


async def test_the_report_is_plain_json_and_knows_its_cost():
    _, report = await table(Liar(), price_input=1e6, price_output=1e6)
    stored = json.loads(json.dumps(report.as_json()))
    assert [row["feature"] for row in stored["rows"]][:2] == ["max_tokens", "max_completion_tokens"]
    assert stored["rows"][0] == {
        "feature": "max_tokens",
        "asked": "at most 8 tokens of a long story",
        "seen": "8 tokens, ended with “length”",
        "verdict": "honours",
        "found": "",
    }
    assert 200 < report.cost < 1000  # some twenty questions of about ten tokens, answered with 8 to 64
    assert (stored["cost"], stored["n_calls"]) == (report.cost, report.n_calls)


async def test_an_endpoint_that_answers_nothing_has_no_table():
    async with Misbehaving([status(401, {"error": {"message": "no such key"}})]) as server:
        with pytest.raises(NeedsAttention, match="answered no question: 401: no such key"):
            await probe(endpoint(server))
        assert len(server.requests) == 1
    async with Misbehaving([status(503)]) as server:
        with pytest.raises(TransientInferenceError, match="answered no question: it has more than it can do"):
            await probe(endpoint(server))
        assert len(server.requests) == 3
    async with Misbehaving([status(400)]) as server:
        with pytest.raises(NeedsAttention, match="answered no question: it refused the request"):
            await probe(endpoint(server))
    async with Misbehaving([status(200)]) as server:
        with pytest.raises(InvalidInput, match="no stored key"):
            await probe(endpoint(server, stored_key="missing"))
        assert not server.requests
