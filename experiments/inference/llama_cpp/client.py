"""The parent's end: requests become questions to the engine's process, and its frames become what was written."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ...domain.errors import PromptRefused, TransientInferenceError
from ...domain.types import Continuation, Decoding, FinishReason, Message, Usage
from ..base import Generation, LanguageModelClient, Request, TokenChance
from ..calls import OnCall
from ..scoring import Score
from . import protocol
from .supervised import EngineProcess

_HANG_SECONDS = 300.0


@dataclass
class _Pending:
    """A request whose answer is on its way."""

    result: asyncio.Future[Generation]
    on_text: Callable[[str], None] | None
    submitted_at: float
    first_token_at: float | None = None
    text: str = ""


class LlamaCppClient(LanguageModelClient):
    """One model in one child process. Requests share its batches; the child's death fails them, never this process."""

    takes = frozenset(
        {"stop_tokens", "presence_penalty", "frequency_penalty", "repeat_penalty", "logit_bias", "grammar", "json_schema"}
        | {"top_logprobs", "entropy", "prefix"}
    )

    def __init__(self, name: str, settings: dict[str, Any], max_in_flight: int, hang_seconds: float = _HANG_SECONDS):
        self.max_in_flight = max_in_flight
        self._ids = itertools.count()
        self._pending: dict[int, _Pending] = {}
        self._engine = EngineProcess(name, settings, hang_seconds, self._deliver, self._fail_all, lambda: bool(self._pending))

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._engine.pid

    async def start(self) -> None:
        """Load the model. Raises PermanentInferenceError with the engine's own words if it cannot be loaded.

        An engine that dies while loading is tried again; NeedsAttention says that it died too often.
        """
        await self._engine.start()

    async def _generate(self, request: Request, on_text: Callable[[str], None] | None) -> Generation:
        return await self._ask(
            on_text,
            messages=[asdict(message) for message in request.messages],
            decoding=request.decoding.model_dump(mode="json"),
            seed=request.seed,
            run=request.run,
            attempt=request.attempt,
            condition=request.condition,
            prefix=request.prefix,
            top_logprobs=request.top_logprobs,
            entropy=request.entropy,
        )

    async def logprobs_of(
        self,
        messages: tuple[Message, ...],
        continuations: Sequence[Continuation],
        *,
        run: str = "",
        attempt: str = "",
        on_call: OnCall | None = None,
    ) -> list[Score]:
        common = {"messages": [asdict(message) for message in messages], "decoding": Decoding().model_dump(mode="json")}
        asked = [
            asyncio.ensure_future(self._ask(None, seed=0, run=run, attempt=attempt, given=given, **common))
            for given in (each if isinstance(each, str) else list(each) for each in continuations)
        ]
        try:
            read = await asyncio.gather(*asked)
        finally:
            for task in asked:
                task.cancel()
        return [Score(each.token_logprobs, replace(each.usage, completion_tokens=0)) for each in read]

    async def _ask(self, on_text: Callable[[str], None] | None, **content: Any) -> Generation:
        """Hand one `protocol.Ask` to the child, `content` being its fields without the id, and await what becomes of it."""
        await self._engine.be_running()
        id = next(self._ids)
        pending = _Pending(asyncio.get_running_loop().create_future(), on_text, time.monotonic())
        if not self._pending:
            self._engine.expect_from_now()
        self._pending[id] = pending
        self._engine.tell({"ask": asdict(protocol.Ask(id=id, **content))})
        try:
            return await pending.result
        except asyncio.CancelledError:
            self._engine.tell({"cancel": id})
            raise
        finally:
            self._pending.pop(id, None)

    def n_bytes_taken(self) -> int:
        return self._engine.n_bytes_taken()

    async def aclose(self) -> None:
        await self._engine.aclose()

    def _deliver(self, frame: dict[str, Any]) -> None:
        now = time.monotonic()
        for id, more in frame["texts"].items():
            if (pending := self._pending.get(int(id))) is None:
                continue
            pending.first_token_at = pending.first_token_at or now
            pending.text += more
            if pending.on_text and more and not pending.result.done():
                try:
                    pending.on_text(pending.text)
                except Exception as error:  # the listener's own fault fails its request and no other
                    pending.result.set_exception(error)
        for finished in frame["finished"]:
            pending = self._pending.get(finished["id"])
            if pending and not pending.result.done():
                self._engine.note_success()
                pending.result.set_result(_generation(pending, finished, now))
        for id, why in frame["refused"]:
            pending = self._pending.get(id)
            if pending and not pending.result.done():
                pending.result.set_exception(PromptRefused(why))

    def _fail_all(self, reason: str) -> None:
        for pending in self._pending.values():
            if not pending.result.done():
                pending.result.set_exception(TransientInferenceError(reason))


def _generation(pending: _Pending, finished: dict[str, Any], now: float) -> Generation:
    usage = Usage(finished["prompt_tokens"], finished["cached_tokens"], len(finished["logprobs"]))
    return Generation(
        text=pending.text,
        finish_reason=FinishReason(finished["reason"]),
        stop_string=finished["stop_string"],
        usage=usage,
        tokens=tuple(finished["tokens"]),
        token_logprobs=tuple(finished["logprobs"]),
        top_logprobs=tuple(tuple(TokenChance(*each) for each in top) for top in finished["tops"]) or None,
        entropies=tuple(finished["entropies"]) or None,
        self_certainties=tuple(finished["self_certainties"]) or None,
        seconds_to_first_token=(pending.first_token_at or now) - pending.submitted_at,
        seconds=now - pending.submitted_at,
    )
