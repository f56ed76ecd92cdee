"""The child process in which graders that can hang do their work: `python -m experiments.graders.marking_process`.

Frames are four bytes of length (big-endian) and a JSON object. In: {grader, params, ...}; out: {mark} or {bug}.
It starts without Django, dies with its parent, and gives way to the model's threads.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
import traceback
from dataclasses import asdict
from functools import lru_cache
from typing import Any, BinaryIO

from ..domain.types import FinishReason, Message, Question, Target
from .base import Grader, graders

_MEMORY_BYTES = 3 * 2**30
_PR_SET_PDEATHSIG = 1
HEADER = struct.Struct(">I")


def pack(frame: dict[str, Any]) -> bytes:
    """A frame as bytes. Also half a surrogate pair, which a model can write, survives."""
    body = json.dumps(frame).encode()
    return HEADER.pack(len(body)) + body


def main() -> None:
    parent = os.getppid()
    _confine(parent)
    # What a library prints must not end up between two frames.
    frames_out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while frame := _read(sys.stdin.buffer):
        try:
            answer = _answer(frame)
        except MemoryError:
            answer = {"out_of_memory": True}
        except Exception:
            answer = {"bug": traceback.format_exc()}
        frames_out.write(pack(answer))
        frames_out.flush()


def _answer(frame: dict[str, Any]) -> dict[str, Any]:
    if "prepare" in frame:
        graders.get(frame["prepare"]).prepare()
        return {}
    grader = _grader(frame["grader"], json.dumps(frame["params"]))
    question, target = frame["question"], frame["target"]
    mark = grader.mark(
        frame["text"],
        FinishReason(frame["finish_reason"]),
        Question(
            question["key"],
            tuple(Message(**message) for message in question["messages"]),
            tuple(question["choices"]),
            question["metadata"],
        ),
        Target(tuple(target["answers"]), tuple(target["choices"]), target["metadata"]),
    )
    return {"mark": asdict(mark)}


@lru_cache(maxsize=64)
def _grader(name: str, params: str) -> Grader:
    return graders.build(name, json.loads(params))


def _read(stream: BinaryIO) -> dict[str, Any] | None:
    """The next frame, None where the parent closed the pipe."""
    header = stream.read(HEADER.size)
    return json.loads(stream.read(HEADER.unpack(header)[0])) if header else None


def _confine(parent: int) -> None:
    # Low, but not so low that a model on all cores starves it into its time limit.
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    if sys.platform == "linux":
        # A process that hangs does not notice that its pipe was closed; the kernel ends it with its parent.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit()


if __name__ == "__main__":
    main()
