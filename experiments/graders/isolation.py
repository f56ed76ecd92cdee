"""Marking with a time limit that holds: graders that can hang work in a process that is killed when time is up."""

import asyncio
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..domain.errors import AssayError
from ..domain.types import FinishReason, Question, Target, Verdict
from .base import Grader, Mark
from .marking_process import HEADER, pack

# Loading sympy or reasoning-gym on a busy machine; not part of any mark's time.
_PREPARE_LIMIT_S = 120.0
_PROJECT = Path(__file__).resolve().parents[2]


class GraderFailed(AssayError):
    """The grader has a bug or cannot start; no verdict can be given. The message ends with the traceback."""


class GradingPool:
    """Marks one text at a time per process. Graders that cannot hang are asked directly.

    `time_limit_s` is for one text. A text longer than `max_chars` is cut to its end for graders that can hang, and its
    mark says so. Processes start when first needed. Use it from one event loop, and `aclose` it.
    """

    def __init__(self, time_limit_s: float = 5.0, max_chars: int = 20_000, processes: int = 1):
        self.time_limit_s = time_limit_s
        self.max_chars = max_chars
        self._free = asyncio.Semaphore(processes)
        self._idle: list[_Child] = []

    async def mark(
        self, grader: Grader, text: str, finish_reason: FinishReason, question: Question, target: Target
    ) -> tuple[Mark, float]:
        """(the mark, seconds it took). A time limit hit and a process that died are marks; GraderFailed is for bugs."""
        if not grader.can_hang or finish_reason == FinishReason.FAILED:
            started = time.perf_counter()
            mark = grader.mark(text, finish_reason, question, target)
            return mark, time.perf_counter() - started
        frame = {
            "grader": grader.name,
            "params": grader.model_dump(mode="json"),
            "text": text[-self.max_chars :],
            "finish_reason": finish_reason,
            "question": asdict(question),
            "target": asdict(target),
        }
        async with self._free:
            try:
                mark, seconds = await self._mark_in_child(grader.name, frame)
            except _ChildDied:
                # It may have been killed for something else's sake; only a second death is this text's doing.
                mark, seconds = await self._mark_again(grader.name, frame)
        if len(text) > self.max_chars:
            cut = f"Only the last {self.max_chars:,} of {len(text):,} characters were read."
            mark = replace(mark, explanation=f"{mark.explanation} {cut}")
        return mark, seconds

    async def aclose(self) -> None:
        """End the processes. Marks under way must have been awaited or cancelled."""
        while self._idle:
            await self._idle.pop().kill()

    async def _mark_again(self, grader: str, frame: dict[str, Any]) -> tuple[Mark, float]:
        started = time.perf_counter()
        try:
            return await self._mark_in_child(grader, frame)
        except _ChildDied as death:
            return _not_judged(f"The grader's process died twice over this text ({death})", started)

    async def _mark_in_child(self, grader: str, frame: dict[str, Any]) -> tuple[Mark, float]:
        self._idle = [child for child in self._idle if child.process.returncode is None]
        child = self._idle.pop() if self._idle else await _Child.start()
        started = time.perf_counter()
        try:
            await child.prepare(grader)
            started = time.perf_counter()
            answer = await asyncio.wait_for(child.ask(frame), self.time_limit_s)
        except TimeoutError:
            await child.kill()
            return _not_judged(f"The grader did not finish within {self.time_limit_s:g} s and was stopped", started)
        except _ChildDied:
            await child.kill()
            raise
        except BaseException:
            # Cancelled, or worse: an answer may still be on its way, so this child cannot be asked again.
            child.process.kill()
            raise
        seconds = time.perf_counter() - started
        if "out_of_memory" in answer:
            await child.kill()
            return _not_judged("The grader ran out of memory over this text", started)
        self._idle.append(child)
        if "bug" in answer:
            raise GraderFailed(f"Grader “{grader}” failed, which is a bug in it:\n{answer['bug']}")
        return Mark(**{**answer["mark"], "verdict": Verdict(answer["mark"]["verdict"])}), seconds


def _not_judged(reason: str, started: float) -> tuple[Mark, float]:
    return Mark(Verdict.TIMED_OUT, None, None, None, f"{reason}; it was not judged."), time.perf_counter() - started


class _ChildDied(Exception):
    """The pipe ended before the answer came. The text names the exit status."""


class _Child:
    """One marking process; it answers one frame before it is sent the next."""

    def __init__(self, process: asyncio.subprocess.Process):
        self.process = process
        self._prepared: set[str] = set()

    @classmethod
    async def start(cls) -> "_Child":
        command = (sys.executable, "-m", "experiments.graders.marking_process")
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=_PROJECT))

    async def prepare(self, grader: str) -> None:
        """Load what the grader needs, once. Raises GraderFailed where that does not work: every mark would fail."""
        if grader in self._prepared:
            return
        try:
            answer = await asyncio.wait_for(self.ask({"prepare": grader}), _PREPARE_LIMIT_S)
        except (TimeoutError, _ChildDied) as trouble:
            reason = str(trouble) or f"not ready after {_PREPARE_LIMIT_S:g} s"
            raise GraderFailed(f"The process for grader “{grader}” did not start: {reason}.") from None
        if "bug" in answer:
            raise GraderFailed(f"Grader “{grader}” cannot be loaded; is its library installed?\n{answer['bug']}")
        self._prepared.add(grader)

    async def ask(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The answer to one frame. Raises _ChildDied."""
        try:
            self.process.stdin.write(pack(frame))
            await self.process.stdin.drain()
            header = await self.process.stdout.readexactly(HEADER.size)
            return json.loads(await self.process.stdout.readexactly(HEADER.unpack(header)[0]))
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _ChildDied(f"exit status {await self.process.wait()}") from None

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
