"""One key is planted; nothing the system says, logs or hands on may contain it, and nothing of ours goes where it should not."""

import logging

import pytest

from experiments.domain.errors import InferenceError, InvalidInput
from experiments.inference import keys
from experiments.inference.base import backends
from experiments.inference.openai_api.probe import probe
from experiments.inference.redaction import HIDDEN
from tests.servers.misbehaving import Misbehaving, echo_key, status, stream

from .asking import ask, endpoint

SECRET = "sk-planted-5f3c9a1e7b2d"


@pytest.fixture
def planted(settings, tmp_path):
    """Store the key for a server and return the option that names it."""
    settings.ASSAY_DATA_DIR = tmp_path

    def plant(server):
        keys.store("planted", SECRET, server.base_url)
        return {"stored_key": "planted"}

    return plant


@pytest.mark.parametrize(
    "trouble",
    [
        echo_key,
        status(500, {"error": {"message": f"cannot bill {SECRET}"}}),
        status(400, f"<p>{'x' * 290}{SECRET}</p>".encode()),  # where a cut at 300 characters would leave a half
        status(200, {"error": {"message": f"bad {SECRET}", "code": 401}}),
    ],
)
async def test_a_key_that_comes_back_in_an_error_is_not_passed_on(planted, trouble, caplog):
    caplog.set_level(logging.DEBUG)
    async with Misbehaving([trouble]) as server:
        error, ledger = await ask(server, **planted(server), max_attempts=2)
        assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        backend = endpoint(server, stored_key="planted")
        with pytest.raises(InferenceError) as refused:
            await probe(backend)
    written = [str(error), repr(error), caplog.text, repr(ledger.reported), str(refused.value), repr(backend)]
    written.append(str(backend.fingerprint()))
    for text in written:
        assert "planted-5f3c" not in text
    assert HIDDEN in str(error)


async def test_a_stored_key_does_not_follow_a_changed_address(planted):
    async with Misbehaving([stream("Seven.")]) as first, Misbehaving([stream("stolen")]) as second:
        options = planted(first)
        with pytest.raises(InvalidInput, match="Enter the key again for the new address"):
            await endpoint(second, **options).connect()
        assert not second.requests


async def test_nothing_of_the_environment_is_sent_along(monkeypatch):
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", SECRET)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Team: {SECRET}")
    async with Misbehaving([stream("Seven.")]) as server:
        await ask(server, extra_headers={"X-Title": "Assay"})
        headers = server.requests[0].headers
    assert SECRET not in str(headers)
    ours = {"accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host", "user-agent"}
    assert headers.keys() - ours <= {"x-title", "x-stainless-raw-response", "x-stainless-retry-count", "x-stainless-read-timeout"}
    assert headers["x-title"] == "Assay"
    assert headers["authorization"] == "Bearer no-key"


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer x"}, {"x-api-key": "x"}, {"X-Ok": "two\r\nlines"}])
def test_headers_are_no_place_for_keys_and_hold_one_line(headers):
    with pytest.raises(InvalidInput, match="Extra headers"):
        backends.build("openai_api", {"base_url": "https://a.example", "model": "m", "extra_headers": headers})


def test_the_body_cannot_ask_for_answers_that_nobody_counts():
    with pytest.raises(InvalidInput, match=r"Extra body fields: .*n cannot be set here"):
        backends.build("openai_api", {"base_url": "https://a.example", "model": "m", "extra_body": {"n": 8}})
