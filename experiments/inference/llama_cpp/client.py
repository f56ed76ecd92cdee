"""The parent's end: one child process per loaded model, restarted when it dies, given up when it keeps dying."""

import asyncio
import contextlib
import itertools
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from ...domain.errors import PermanentInferenceError, PromptRefused, TransientInferenceError
from ...domain.types import Decoding, FinishReason, Message, Usage
from ..base import Generation, LanguageModelClient, NeedsAttention, Request, TokenChance
from ..calls import OnCall
from ..scoring import Score
from . import protocol
from .environment import CHILD_ENVIRONMENT

_PROJECT = Path(__file__).resolve().parents[3]
_LOG_LINES_KEPT = 40
_LOG_LINES_SHOWN = 3
# After this many crashes without a finished text in between, requests are refused for a while instead of restarting it.
_CRASHES_ALLOWED = 3
_REFUSING_SECONDS = 60.0
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 8.0
_HANG_SECONDS = 300.0
_EXIT_SECONDS = 5.0


@dataclass
class _Pending:
    """A request whose answer is on its way."""

    result: asyncio.Future[Generation]
    on_text: Callable[[str], None] | None
    submitted_at: float
    first_token_at: float | None = None
    text: str = ""


@dataclass
class _Child:
    """A running engine process and what it was asked."""

    process: asyncio.subprocess.Process
    log: deque[str]
    pending: dict[int, _Pending] = field(default_factory=dict)
    heard_at: float = field(default_factory=time.monotonic)
    is_leaving: bool = False
    tasks: list[asyncio.Task] = field(default_factory=list)


class LlamaCppClient(LanguageModelClient):
    """One model in one child process. Requests share its batches; the child's death fails them, never this process."""

    takes = frozenset(
        {"stop_tokens", "presence_penalty", "frequency_penalty", "repeat_penalty", "logit_bias", "grammar", "json_schema"}
        | {"top_logprobs", "entropy", "prefix"}
    )

    def __init__(self, name: str, settings: dict[str, Any], max_in_flight: int, hang_seconds: float = _HANG_SECONDS):
        self.max_in_flight = max_in_flight
        self._name = name
        self._settings = settings
        self._hang_seconds = hang_seconds
        self._ids = itertools.count()
        self._child: _Child | None = None
        self._starting = asyncio.Lock()
        self._n_crashes = 0  # since a text was last finished
        self._crashed_at = 0.0
        self._last_words = ""
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._child.process.pid if self._child else None

    async def start(self) -> None:
        """Load the model. Raises PermanentInferenceError with the engine's own words if it cannot be loaded.

        An engine that dies while loading is tried again; NeedsAttention says that it died too often.
        """
        while self._child is None:
            with contextlib.suppress(TransientInferenceError):
                await self._running_child()

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
        continuations: Sequence[str],
        *,
        run: str = "",
        attempt: str = "",
        on_call: OnCall | None = None,
    ) -> list[Score]:
        common = {"messages": [asdict(message) for message in messages], "decoding": Decoding().model_dump(mode="json")}
        asked = [
            asyncio.ensure_future(self._ask(None, seed=0, run=run, attempt=attempt, given=given, **common))
            for given in continuations
        ]
        try:
            read = await asyncio.gather(*asked)
        finally:
            for task in asked:
                task.cancel()
        return [Score(each.token_logprobs, replace(each.usage, completion_tokens=0)) for each in read]

    async def _ask(self, on_text: Callable[[str], None] | None, **content: Any) -> Generation:
        """Hand one `protocol.Ask` to the child, `content` being its fields without the id, and await what becomes of it."""
        child = await self._running_child()
        id = next(self._ids)
        pending = _Pending(asyncio.get_running_loop().create_future(), on_text, time.monotonic())
        if not child.pending:
            child.heard_at = pending.submitted_at
        child.pending[id] = pending
        self._tell(child, {"ask": asdict(protocol.Ask(id=id, **content))})
        try:
            return await pending.result
        except asyncio.CancelledError:
            self._tell(child, {"cancel": id})
            raise
        finally:
            child.pending.pop(id, None)

    def n_bytes_taken(self) -> int:
        """Weights mapped from the file are left out: the system counts their pages as available."""
        with contextlib.suppress(psutil.Error):
            if self._child:
                memory = psutil.Process(self._child.process.pid).memory_info()
                return memory.rss - getattr(memory, "shared", 0)
        return 0

    async def aclose(self) -> None:
        self._closed = True
        async with self._starting:
            child, self._child = self._child, None
        if child:
            child.is_leaving = True
            child.process.stdin.close()
            try:
                await asyncio.wait_for(child.process.wait(), _EXIT_SECONDS)
            except TimeoutError:
                child.process.kill()
            await asyncio.gather(*child.tasks)

    # The child's life.

    async def _running_child(self) -> _Child:
        async with self._starting:
            if self._child is None:
                self._refuse_if_hopeless()
                if self._n_crashes:
                    backoff = _FIRST_BACKOFF_SECONDS * 2 ** (self._n_crashes - 1)
                    await asyncio.sleep(min(backoff, _LONGEST_BACKOFF_SECONDS))
                self._child = await self._launch()
            return self._child

    def _refuse_if_hopeless(self) -> None:
        if self._closed:
            raise TransientInferenceError(f"The engine for “{self._name}” has been shut down.")
        if self._n_crashes >= _CRASHES_ALLOWED and time.monotonic() - self._crashed_at < _REFUSING_SECONDS:
            raise NeedsAttention(
                f"The engine for “{self._name}” died {self._n_crashes} times without finishing a text. Look for the reason, "
                f"for want of memory say, and resume. {self._last_words}".strip()
            )

    async def _launch(self) -> _Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"{__package__}.child",
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**CHILD_ENVIRONMENT, **os.environ},
            cwd=_PROJECT,
            limit=protocol.MAX_LINE_BYTES,
        )
        child = _Child(process, deque(maxlen=_LOG_LINES_KEPT))
        logging = asyncio.create_task(self._keep_log(child))
        try:
            self._tell(child, self._settings)
            line = await process.stdout.readline()
            answer = protocol.decode(line) if line else {}
        except BaseException:
            process.kill()
            raise
        if "ready" not in answer:
            code = await self._see_off(child, logging)
            self._last_words = _tail(child.log)
            if "broken" in answer:
                raise PermanentInferenceError(f"“{self._name}” cannot be loaded: {answer['broken']}. {self._last_words}".strip())
            self._note_crash()
            raise TransientInferenceError(self._obituary(code))
        child.tasks = [logging, asyncio.create_task(self._listen(child)), asyncio.create_task(self._watch(child))]
        return child

    async def _see_off(self, child: _Child, logging: asyncio.Task) -> int:
        """The exit code of a child that has closed its end, once its log is complete and all pipes are closed."""
        child.process.stdin.close()
        with contextlib.suppress(ConnectionError):
            await child.process.stdin.wait_closed()
        await logging
        return await child.process.wait()

    def _tell(self, child: _Child, message: dict[str, Any]) -> None:
        """Send without waiting: the child always reads. If it is gone, `_listen` fails what was asked."""
        with contextlib.suppress(ConnectionError):
            child.process.stdin.write(protocol.encode(message))

    async def _listen(self, child: _Child) -> None:
        """Deliver frames until the child ends, then fail what it still owed."""
        try:
            while line := await child.process.stdout.readline():
                child.heard_at = time.monotonic()
                self._deliver(child, protocol.decode(line))
        except (ValueError, LookupError) as error:
            child.log.append(f"It sent something that is no frame: {error!r}.")
            child.process.kill()
        logging, _, watching = child.tasks
        watching.cancel()
        code = await self._see_off(child, logging)
        if self._child is child:
            self._child = None
        if not child.is_leaving:
            self._note_crash()
        self._last_words = _tail(child.log)
        reason = self._obituary(code)
        for pending in child.pending.values():
            if not pending.result.done():
                pending.result.set_exception(TransientInferenceError(reason))

    def _note_crash(self) -> None:
        self._n_crashes += 1
        self._crashed_at = time.monotonic()

    def _obituary(self, code: int) -> str:
        return f"The engine for “{self._name}” {_how_it_ended(code)}. {self._last_words}".strip()

    def _deliver(self, child: _Child, frame: dict[str, Any]) -> None:
        now = time.monotonic()
        for id, more in frame["texts"].items():
            if (pending := child.pending.get(int(id))) is None:
                continue
            pending.first_token_at = pending.first_token_at or now
            pending.text += more
            if pending.on_text and more and not pending.result.done():
                try:
                    pending.on_text(pending.text)
                except Exception as error:  # the listener's own fault fails its request and no other
                    pending.result.set_exception(error)
        for finished in frame["finished"]:
            pending = child.pending.get(finished["id"])
            if pending and not pending.result.done():
                self._n_crashes = 0
                pending.result.set_result(_generation(pending, finished, now))
        for id, why in frame["refused"]:
            pending = child.pending.get(id)
            if pending and not pending.result.done():
                pending.result.set_exception(PromptRefused(why))

    async def _watch(self, child: _Child) -> None:
        """Kill a child that owes answers and has said nothing for too long."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(self._hang_seconds / 10)
                if child.pending and time.monotonic() - child.heard_at > self._hang_seconds:
                    child.log.append(f"No sign of life for {self._hang_seconds:g} seconds; it was stopped.")
                    child.process.kill()
                    return

    async def _keep_log(self, child: _Child) -> None:
        while line := await child.process.stderr.readline():
            child.log.append(line.decode(errors="replace").rstrip())


def _generation(pending: _Pending, finished: dict[str, Any], now: float) -> Generation:
    usage = Usage(finished["prompt_tokens"], finished["cached_tokens"], len(finished["logprobs"]))
    return Generation(
        text=pending.text,
        finish_reason=FinishReason(finished["reason"]),
        stop_string=finished["stop_string"],
        usage=usage,
        token_logprobs=tuple(finished["logprobs"]),
        top_logprobs=tuple(tuple(TokenChance(*each) for each in top) for top in finished["tops"]) or None,
        entropies=tuple(finished["entropies"]) or None,
        self_certainties=tuple(finished["self_certainties"]) or None,
        seconds_to_first_token=(pending.first_token_at or now) - pending.submitted_at,
        seconds=now - pending.submitted_at,
    )


def _how_it_ended(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _tail(log: deque[str]) -> str:
    lines = [line for line in log if line][-_LOG_LINES_SHOWN:]
    return f"Its last words: {' / '.join(lines)}" if lines else ""
