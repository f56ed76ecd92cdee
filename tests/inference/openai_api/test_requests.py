"""What endpoints are asked: field names by preset, everything else as the experiment says."""

import pytest

from experiments.domain.errors import InferenceError, InvalidInput, PermanentInferenceError
from experiments.inference.base import backends
from experiments.inference.openai_api.body import body_of
from experiments.inference.openai_api.catalogue import list_models
from experiments.inference.openai_api.presets import PRESETS
from tests.servers.misbehaving import Misbehaving, status, stream

from .asking import a_request, ask, endpoint


def remote(**options):
    return backends.build("openai_api", {"base_url": "https://api.example.com/v1", "model": "m", **options})


def test_the_body_says_what_the_decoding_says():
    request = a_request(seed=99, temperature=0.5, top_p=0.9, max_tokens=33, stop=("\n", "END"))
    assert body_of(remote(), request) == {
        "model": "m",
        "messages": [{"role": "user", "content": "What is 3 + 4?"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 33,
        "seed": 99,
        "stop": ["\n", "END"],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize(
    ("preset", "has", "lacks"),
    [
        ("openai", {"max_completion_tokens": 128, "seed": 7}, "max_tokens"),
        ("mistral", {"max_tokens": 128, "random_seed": 7}, "seed"),
        ("deepseek", {"max_tokens": 128}, "seed"),
        ("llama_cpp_server", {"top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0, "seed": 7}, "max_completion_tokens"),
    ],
)
def test_presets_know_the_names_of_fields(preset, has, lacks):
    body = body_of(backends.build("openai_api", {"preset": preset, "model": "m"}), a_request())
    assert body.items() >= has.items()
    assert lacks not in body


def test_what_is_entered_wins_over_the_preset_and_is_stored_with_it():
    api = remote(preset="openai", max_tokens_field="max_tokens", seed_field="none", max_concurrency=3, stored_key="work")
    assert (api.base_url, api.max_tokens_field, api.seed_field, api.max_concurrency, api.key_env) == (
        "https://api.example.com/v1",
        "max_tokens",
        "none",
        3,
        "",
    )
    assert type(api).model_validate(api.model_dump(mode="json")) == api


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "other"])
def test_every_preset_is_complete(preset):
    api = backends.build("openai_api", {"preset": preset, "model": "m"})
    assert api.base_url.startswith("http://localhost" if PRESETS[preset].is_local else "https://")
    assert bool(api.key_env) is not PRESETS[preset].is_local


def test_decoding_the_endpoint_cannot_do_is_refused_and_not_dropped():
    with pytest.raises(PermanentInferenceError, match="takes neither top-k nor min-p"):
        body_of(remote(preset="openai"), a_request(top_k=40))
    body = body_of(remote(takes_top_k=True, extra_body={"top_k": 0, "min_p": 0.0}), a_request(top_k=40, min_p=0.05))
    assert (body["top_k"], body["min_p"]) == (40, 0.05)


def test_fields_can_be_left_out_and_added_but_not_overruled():
    api = remote(
        left_out=["temperature", "stream_options"], extra_body={"reasoning_effort": "low", "temperature": 2, "top_p": 0.1}
    )
    body = body_of(api, a_request(top_p=0.8))
    assert body["reasoning_effort"] == "low"
    assert body["top_p"] == 0.8
    assert not {"temperature", "stream_options"} & body.keys()


async def test_decoding_that_cannot_be_done_costs_no_call():
    async with Misbehaving([stream("Seven.")]) as server:
        client = await endpoint(server, takes_top_k=False).connect()
        with pytest.raises(PermanentInferenceError):
            await client.generate(a_request(top_k=5))
        assert client.gate.n_under_way == 0
        assert not server.requests
        await client.aclose()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"base_url": "example.com"}, "Base URL: .*begins with http"),
        ({"base_url": "https://user:pw@example.com"}, "Base URL: .*user name or password"),
        ({"preset": "opennai"}, "Preset"),
        ({"model": ""}, "Model"),
        ({"price_output": -1}, "Price of output"),
        ({"max_attempts": 0}, "Tries"),
    ],
)
def test_bad_options_are_refused_by_name(options, why):
    with pytest.raises(InvalidInput, match=why):
        remote(**options)


def test_an_empty_address_without_a_preset_is_refused():
    with pytest.raises(InvalidInput, match="Base URL"):
        backends.build("openai_api", {"model": "m"})


async def test_models_are_listed():
    async with Misbehaving([status(200, {"data": [{"id": "b"}, {"id": "a"}, {"id": "b"}]})]) as server:
        assert await list_models(endpoint(server)) == ["a", "b"]
        assert server.requests[0].path == "/v1/models"
    for trouble, why in [(status(404), "404"), (status(200, {"models": []}), "no list of models"), (status(500), "failed")]:
        async with Misbehaving([trouble]) as server:
            with pytest.raises(InferenceError, match=why):
                await list_models(endpoint(server))


async def test_every_sample_is_a_call_of_its_own_with_its_own_seed():
    async with Misbehaving([stream("Seven.")]) as server:
        await ask(server)
        assert "n" not in server.requests[0].body
        assert server.requests[0].body["seed"] == 7
