"""Raw completions: messages written out as one text, answers begun, and the likelihood of given texts."""

import json
import math

import pytest

from experiments.domain.errors import InvalidInput, PermanentInferenceError
from experiments.domain.types import Decoding, Message, Usage
from experiments.inference.base import Request, TokenChance, backends
from experiments.inference.calls import CallState
from experiments.inference.openai_api.body import body_of, path_of
from experiments.inference.openai_api.given_texts import logprobs_within
from experiments.inference.openai_api.logprobs import Token
from tests.servers.misbehaving import Misbehaving, chunks, status

from .asking import Ledger, endpoint

CHAT = (Message("system", "Be brief."), Message("user", "What is 3 + 4?"))
CHATML = {"raw_message": "<|im_start|>{{ role }}\r\n{{ content }}<|im_end|>\n", "raw_opening": "<|im_start|>assistant\n"}
TRUTH = {"rows": [{"feature": name, "verdict": "honours", "found": "5"} for name in ("given texts", "logprobs")], "asked_at": 0.0}


def raw(**options):
    return backends.build("openai_api", {"base_url": "https://api.example.com/v1", "model": "m", "raw": True, **options})


@pytest.mark.parametrize(
    ("options", "prompt"),
    [
        ({}, "Be brief.\n\nWhat is 3 + 4?"),
        ({"raw_opening": "\nA:"}, "Be brief.\n\nWhat is 3 + 4?\nA:"),
        (CHATML, "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is 3 + 4?<|im_end|>\n<|im_start|>assistant\n"),
    ],
)
def test_messages_are_written_out_as_one_text_that_an_answer_begun_goes_on_from(options, prompt):
    api = raw(**options)
    assert path_of(api) == "/completions"
    body = body_of(api, Request(CHAT, Decoding(), 1, prefix="It is"))
    assert body["prompt"] == f"{prompt}It is"
    assert "messages" not in body


def test_what_a_message_says_is_never_read_as_a_template():
    api = raw(raw_message="{{ role }}: {{ content }}\n")
    assert api.write_out((Message("user", "{{ role }}"),)) == "user: {{ role }}\n"
    with pytest.raises(InvalidInput, match=r"Each message: .*unknown slot “rolle”"):
        raw(raw_message="{{ rolle }}")


def test_the_older_form_has_names_of_its_own():
    body = body_of(raw(preset="openai", logprobs=True), Request(CHAT, Decoding(max_tokens=9), 1, top_logprobs=3))
    assert (body["max_tokens"], body["logprobs"]) == (9, 3)
    assert not {"max_completion_tokens", "top_logprobs"} & body.keys()


async def test_text_and_logprobs_of_the_older_form_are_read():
    def piece(text, logprob, **others):
        told = {"tokens": [text], "token_logprobs": [logprob], "top_logprobs": [{text: logprob, **others}], "text_offset": [0]}
        return f"data: {json.dumps({'choices': [{'index': 0, 'text': text, 'logprobs': told}]})}\n\n"

    end = {"choices": [{"index": 0, "text": "", "finish_reason": "length", "logprobs": None}]}
    usage = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
    parts = [piece(" sev", -0.5, six=-2.0), piece("en", -0.25), *(f"data: {json.dumps(each)}\n\n" for each in (end, usage))]
    async with Misbehaving([chunks(*parts, "data: [DONE]\n\n")]) as server:
        client = await endpoint(server, raw=True, logprobs=True).told(TRUTH).connect()
        generation = await client.generate(Request(CHAT, Decoding(), 1, top_logprobs=2))
        await client.aclose()
        assert server.requests[0].path == "/v1/completions"
    assert (generation.text, generation.usage, generation.token_logprobs) == (" seven", Usage(5, 0, 2, 0), (-0.5, -0.25))
    assert generation.top_logprobs[0] == (TokenChance(-1, " sev", -0.5), TokenChance(-1, "six", -2.0))


async def test_more_likeliest_tokens_than_are_told_are_refused_before_anything_is_asked():
    async with Misbehaving([status(500)]) as server:
        client = await endpoint(server, raw=True).told(TRUTH).connect()
        with pytest.raises(PermanentInferenceError, match="tells the 5 likeliest tokens, not 6"):
            await client.generate(Request(CHAT, Decoding(), 1, top_logprobs=6))
        await client.aclose()
        assert not server.requests


def echoing(logprobs, **more):
    """An endpoint that gives texts back, a token for each character, every one with the same logprob but the first."""

    async def behave(wire):
        tokens = [*wire.asked.body["prompt"], "!"]
        told = {"tokens": tokens, "token_logprobs": [None, *[logprobs] * (len(tokens) - 1)]}
        usage = {"prompt_tokens": len(tokens) - 1, "completion_tokens": 1}
        await status(200, {"choices": [{"index": 0, "text": "".join(tokens), "logprobs": told}], "usage": usage, **more})(wire)

    return behave


async def test_given_texts_are_scored_token_by_token_and_paid_like_any_call():
    ledger = Ledger()
    async with Misbehaving([echoing(-0.5)]) as server:
        client = await endpoint(server, raw=True).told(TRUTH).connect()
        scores = await client.logprobs_of((Message("user", "3 + 4 ="),), [" 7", " 12"], on_call=ledger.keep)
        await client.aclose()
        asked = sorted((request.body["prompt"], request.body["max_tokens"]) for request in server.requests)
        assert all(request.body["echo"] and not request.body["stream"] for request in server.requests)
    assert asked == [("3 + 4 = 12", 1), ("3 + 4 = 7", 1)]
    assert [score.token_logprobs for score in scores] == [(-0.5, -0.5), (-0.5, -0.5, -0.5)]
    assert [score.usage.prompt_tokens for score in scores] == [9, 10]
    assert [call.state for call in ledger.calls] == [CallState.ANSWERED] * 2
    assert ledger.cost == 9 + 10 + 2 * 2


async def test_an_endpoint_that_does_not_give_the_text_back_is_found_out():
    async with Misbehaving([status(200, {"choices": [{"index": 0, "text": " 7"}]})]) as server:
        client = await endpoint(server, raw=True).told(TRUTH).connect()
        with pytest.raises(PermanentInferenceError, match="did not give the text back"):
            await client.logprobs_of(CHAT, ["7"])
        await client.aclose()


@pytest.mark.parametrize(("options", "truth"), [({"raw": True}, None), ({"raw": False}, TRUTH)])
async def test_without_raw_completions_or_a_truth_test_nothing_is_asked(options, truth):
    async with Misbehaving([echoing(-0.5)]) as server:
        client = await endpoint(server, **options).told(truth).connect()
        with pytest.raises(PermanentInferenceError, match="its option “Raw completions” and a truth test"):
            await client.logprobs_of(CHAT, ["7"])
        await client.aclose()
        assert not server.requests


def tokens(*texts, offsets=None):
    places = offsets or [None] * len(texts)
    return [Token(text, -float(number), (), place) for number, (text, place) in enumerate(zip(texts, places, strict=True))]


@pytest.mark.parametrize(
    ("told", "logprobs"),
    [
        (tokens("1,", " 2", ",", " 3", "!"), (-2.0, -3.0)),
        (tokens("1,", " 2, 3", "!"), (-1.0,)),  # a token that begins before the text and ends in it
        (tokens("<s>", "1,", " 2", ",", " 3", "!", offsets=[0, 0, 2, 4, 5, 7]), (-3.0, -4.0)),  # the beginning has a name
        (tokens("<s>", "1,", " 2", ",", " 3", "!"), ()),
        (tokens("4"), ()),  # only what was written
        ([], ()),
    ],
)
def test_the_tokens_of_a_text_are_told_from_those_before_and_after_it(told, logprobs):
    assert logprobs_within(told, "1, 2", ", 3") == logprobs


def test_a_missing_number_is_not_taken_for_certainty():
    assert logprobs_within([Token("1", None), Token("2", None), Token("!", -1.0)], "1", "2") == ()
    assert math.fsum(logprobs_within([Token("1", None), Token("2", -2.0), Token("!", -1.0)], "1", "2")) == -2.0
