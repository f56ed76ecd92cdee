"""Asking a server of the tests as a remote endpoint. A token read costs 1 and a token written 2, so costs are whole numbers."""

from dataclasses import dataclass, field

from experiments.domain.errors import InferenceError
from experiments.domain.types import Decoding, Message
from experiments.inference import consents
from experiments.inference.base import Generation, Request, backends
from experiments.inference.calls import Call, CallState

USAGE = {"prompt_tokens": 11, "completion_tokens": 3}
# “What is 3 + 4?” is 14 bytes: 4 tokens, and 4 for the template around it.
LIKELY_PROMPT_TOKENS = 8


@dataclass
class Ledger:
    """Every call reported, and the last word on each."""

    reported: list[Call] = field(default_factory=list)

    async def keep(self, call: Call) -> None:
        self.reported.append(call)

    @property
    def calls(self) -> list[Call]:
        return list({call.id: call for call in self.reported}.values())

    @property
    def cost(self) -> float:
        return sum(call.cost for call in self.calls)

    @property
    def n_sent(self) -> int:
        return sum(call.state is CallState.SENT for call in self.reported)


def endpoint(server, **options):
    """The backend for a server, impatient, with 3 tries; its own address is allowed."""
    consents.allow_private(server.base_url)
    usual = {"base_url": server.base_url, "model": "m", "max_attempts": 3, "longest_wait_seconds": 0.02}
    prices = {"price_input": 1e6, "price_output": 2e6}
    return backends.build("openai_api", {**usual, **prices, **options})


def a_request(ledger: Ledger | None = None, text: str = "What is 3 + 4?", seed: int = 7, **decoding) -> Request:
    return Request((Message("user", text),), Decoding(**decoding), seed, on_call=ledger.keep if ledger else None)


async def ask(server, on_text=None, **options) -> tuple[Generation | InferenceError, Ledger]:
    """What one request came to."""
    ledger = Ledger()
    client = await endpoint(server, **options).connect()
    try:
        return await client.generate(a_request(ledger), on_text), ledger
    except InferenceError as error:
        return error, ledger
    finally:
        await client.aclose()
