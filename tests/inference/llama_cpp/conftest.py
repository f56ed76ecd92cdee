"""The real engine on the bundled model."""

import pytest

from experiments.domain.types import Decoding, Message
from experiments.inference.base import Request, backends


@pytest.fixture
async def connect():
    """Start engines with given options; all are shut down after the test."""
    clients = []

    async def start(**options):
        clients.append(await backends.build("llama_cpp", options).connect())
        return clients[-1]

    yield start
    for client in clients:
        await client.aclose()


@pytest.fixture
async def engine(connect):
    return await connect()


@pytest.fixture
def a_request():
    """A request about the sea; keyword arguments that are no fields of Request are decoding options."""

    def build(text="Tell me about the sea.", *, seed=1, run="run", attempt="attempt", **decoding):
        decoding = {"temperature": 0.8, "max_tokens": 32, **decoding}
        return Request((Message("user", text),), Decoding(**decoding), seed=seed, run=run, attempt=attempt)

    return build
