"""A reward model behind an endpoint: what is asked, where the number stands, what becomes of everything else."""

import pytest

from experiments.domain.errors import InvalidInput, PermanentInferenceError, PromptRefused, TransientInferenceError
from experiments.domain.types import Decoding, Message, Usage
from experiments.inference import consents
from experiments.inference.base import NeedsAttention, Request, backends
from experiments.inference.calls import CallState
from experiments.inference.scoring import Reward
from tests.inference.openai_api.asking import Ledger
from tests.servers.misbehaving import Misbehaving, flood, hang, hang_up, status

TALK = (Message("system", "Be exact."), Message("user", "3 + 4?"), Message("assistant", "It is 7."))


async def rate(behaviour, **options):
    """(what came of it, the one request, the ledger)."""
    ledger = Ledger()
    async with Misbehaving([behaviour]) as server:
        consents.allow_private(server.base_url)
        usual = {"base_url": server.base_url, "model": "rm", "price_input": 1e6, "connect_seconds": 2, "total_seconds": 2}
        client = await backends.build("reward_api", {**usual, **options}).connect()
        try:
            told = await client.reward_of(TALK, on_call=ledger.keep)
        except (PermanentInferenceError, TransientInferenceError) as error:
            told = error
        finally:
            await client.aclose()
        return told, server.requests[0], ledger


async def test_score_rates_problem_and_answer_as_a_pair():
    answer = {"data": [{"index": 0, "object": "score", "score": 0.25}], "usage": {"prompt_tokens": 9, "total_tokens": 9}}
    told, asked, ledger = await rate(status(200, answer))
    assert told == Reward(0.25, Usage(9))
    assert asked.path == "/v1/score"
    assert asked.body == {"model": "rm", "text_1": "Be exact.\n\n3 + 4?", "text_2": "It is 7."}
    assert (ledger.n_sent, ledger.cost, ledger.calls[0].state) == (1, 9, CallState.ANSWERED)


async def test_pooling_sends_the_conversation_and_the_last_number_counts():
    told, asked, _ = await rate(status(200, {"data": [{"data": [[0.5], [-2]]}]}), dialect="pooling")
    assert told.value == -2
    assert asked.path == "/v1/pooling"
    assert asked.body["messages"][2] == {"role": "assistant", "content": "It is 7."}


@pytest.mark.parametrize(("place", "value"), [(-1, 0.9), (0, 0.1)])
async def test_classify_gives_the_chance_of_a_class(place, value):
    told, asked, _ = await rate(status(200, {"data": [{"probs": [0.1, 0.9]}]}), dialect="classify", place=place)
    assert told.value == value
    assert asked.body["input"] == "Be exact.\n\n3 + 4?\n\nIt is 7."


async def test_tokens_that_are_not_told_are_estimated():
    _, _, ledger = await rate(status(200, {"data": [{"score": 1}]}))
    (call,) = ledger.calls
    assert call.usage_is_estimated
    assert 0 < call.cost == call.usage.prompt_tokens <= call.most_cost


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        (status(200, {"data": []}), TransientInferenceError, "holds no reward"),
        (status(200, {"data": [{"score": "high"}]}), TransientInferenceError, "holds no reward"),
        (status(200, b'{"data": [{"score": NaN}]}'), TransientInferenceError, "it sent nan as the reward"),
        (status(200, b"hello"), TransientInferenceError, "holds no reward"),
        (status(503), TransientInferenceError, "more than it can do"),
        (hang_up, TransientInferenceError, "did not answer"),
        (hang, TransientInferenceError, "was not complete after 0.2 seconds"),
        (status(401), NeedsAttention, "Check the key"),
        (status(400), PromptRefused, "refused the request"),
        (flood(3), PromptRefused, "larger than 1 MB"),
    ],
)
async def test_what_is_no_reward_is_a_failure_with_its_reason(behaviour, kind, words):
    told, _, ledger = await rate(behaviour, max_response_mb=1, **({"total_seconds": 0.2} if behaviour is hang else {}))
    assert isinstance(told, kind)
    assert words in str(told)
    assert [call.state for call in ledger.calls] == [CallState.FAILED]


async def test_a_private_address_takes_an_administrators_consent():
    backend = backends.build("reward_api", {"base_url": "http://127.0.0.1:9/v1", "model": "rm"})
    assert "lies inside a private network" in backend.consent_needed()
    with pytest.raises(InvalidInput, match="without encryption"):
        await backend.connect()
    backend.give_consent()
    assert backend.consent_needed() == ""


async def test_a_key_is_not_sent_to_an_address_it_was_not_stored_for(monkeypatch):
    monkeypatch.setenv("REWARD_API_KEY", "planted")
    backend = backends.build(
        "reward_api", {"base_url": "https://rewards.example.org", "model": "rm", "key_env": "REWARD_API_KEY"}
    )
    assert "is not the address that the key in REWARD_API_KEY is known for" in backend.consent_needed()
    with pytest.raises(InvalidInput, match="is not sent to"):
        backend.check()


async def test_it_writes_nothing():
    consents.allow_private("http://127.0.0.1:9/v1")
    client = await backends.build("reward_api", {"base_url": "http://127.0.0.1:9/v1", "model": "rm"}).connect()
    with pytest.raises(PermanentInferenceError, match="rates texts and writes none"):
        await client.generate(Request(TALK[:2], Decoding(), 1))
    await client.aclose()
