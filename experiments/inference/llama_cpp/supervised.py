"""One engine process at a time: launched, watched, restarted when it dies, given up when it keeps dying."""

import asyncio
import contextlib
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ...domain.errors import PermanentInferenceError, TransientInferenceError
from ..base import NeedsAttention
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
_EXIT_SECONDS = 5.0


@dataclass
class _Child:
    """A running process. `heard_at` is when it last spoke, or when something was first expected of it."""

    process: asyncio.subprocess.Process
    log: deque[str]
    heard_at: float = field(default_factory=time.monotonic)
    is_leaving: bool = False
    tasks: list[asyncio.Task] = field(default_factory=list)


class EngineProcess:
    """`on_frame` hears every frame of the child, `on_death` why it ended, `owes` says whether an answer is awaited of it."""

    def __init__(
        self,
        name: str,
        settings: dict[str, Any],
        hang_seconds: float,
        on_frame: Callable[[dict[str, Any]], None],
        on_death: Callable[[str], None],
        owes: Callable[[], bool],
    ):
        self._name = name
        self._settings = settings
        self._hang_seconds = hang_seconds
        self._on_frame, self._on_death, self._owes = on_frame, on_death, owes
        self._child: _Child | None = None
        self._starting = asyncio.Lock()
        self._n_crashes = 0  # since the last success
        self._crashed_at = 0.0
        self._last_words = ""
        self._closed = False

    @property
    def pid(self) -> int | None:
        return self._child.process.pid if self._child else None

    async def start(self) -> None:
        """Be running, whatever it takes. Raises PermanentInferenceError, or NeedsAttention after too many deaths."""
        while self._child is None:
            with contextlib.suppress(TransientInferenceError):
                await self.be_running()

    async def be_running(self) -> None:
        """Launch a child unless there is one, with a pause after crashes. Raises InferenceError."""
        async with self._starting:
            if self._child is None:
                self._refuse_if_hopeless()
                if self._n_crashes:
                    backoff = _FIRST_BACKOFF_SECONDS * 2 ** (self._n_crashes - 1)
                    await asyncio.sleep(min(backoff, _LONGEST_BACKOFF_SECONDS))
                self._child = await self._launch()

    def tell(self, message: dict[str, Any]) -> None:
        """Send without waiting: the child always reads. If it is gone, `on_death` was called or is about to be."""
        if self._child:
            _send(self._child, message)

    def expect_from_now(self) -> None:
        """It owed nothing until now, so its silence counts from here."""
        if self._child:
            self._child.heard_at = time.monotonic()

    def note_success(self) -> None:
        """What was asked has been done, so earlier crashes count no more."""
        self._n_crashes = 0

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
            _send(child, self._settings)
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

    async def _listen(self, child: _Child) -> None:
        """Hand on frames until the child ends, then say so."""
        try:
            while line := await child.process.stdout.readline():
                child.heard_at = time.monotonic()
                self._on_frame(protocol.decode(line))
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
        self._on_death(self._obituary(code))

    def _note_crash(self) -> None:
        self._n_crashes += 1
        self._crashed_at = time.monotonic()

    def _obituary(self, code: int) -> str:
        return f"The engine for “{self._name}” {_how_it_ended(code)}. {self._last_words}".strip()

    async def _watch(self, child: _Child) -> None:
        """Kill a child that owes answers and has said nothing for too long."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(self._hang_seconds / 10)
                if self._owes() and time.monotonic() - child.heard_at > self._hang_seconds:
                    child.log.append(f"No sign of life for {self._hang_seconds:g} seconds; it was stopped.")
                    child.process.kill()
                    return

    async def _keep_log(self, child: _Child) -> None:
        while line := await child.process.stderr.readline():
            child.log.append(line.decode(errors="replace").rstrip())


def _send(child: _Child, message: dict[str, Any]) -> None:
    with contextlib.suppress(ConnectionError):
        child.process.stdin.write(protocol.encode(message))


def _how_it_ended(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _tail(log: deque[str]) -> str:
    lines = [line for line in log if line][-_LOG_LINES_SHOWN:]
    return f"Its last words: {' / '.join(lines)}" if lines else ""
