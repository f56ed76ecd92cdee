"""The engine's process: `python -m experiments.inference.llama_cpp.child PARENT_PID`. It ends when its parent does."""

import os
import select
import sys
import threading
import time
from queue import SimpleQueue

from . import protocol
from .prompts import Prompts
from .protocol import Ask, Frame, Refused
from .scheduler import Scheduler
from .templates import ChatTemplate
from .texts import Texts

# Running texts are shown this often; the beginning and the end of a text are reported at once.
_FRAME_SECONDS = 0.08
_PARENT_CHECK_SECONDS = 1.0
# Building prompts must not hold up the texts being written.
_COMMAND_SECONDS_PER_STEP = 0.02


def main() -> None:
    parent = int(sys.argv[1])
    commands, results = take_over_pipes()
    inbox: SimpleQueue[dict] = SimpleQueue()
    threading.Thread(target=_read, args=(commands, inbox, parent), daemon=True).start()
    # Native code is loaded only now, when nothing it prints can reach the pipe to the parent.
    from .native import EngineSettings, LoadError, Model

    settings = EngineSettings(**inbox.get())
    try:
        model = Model(settings)
    except LoadError as error:
        _send(results, {"broken": str(error)})
        return
    _send(results, {"ready": {"max_tokens": model.max_tokens}})
    scheduler = Scheduler(model, settings.n_cells, settings.n_slots, settings.n_sequences, settings.batch_tokens)
    prompts = Prompts(model, ChatTemplate(model.chat_template, model.begin_text, model.end_text))
    _serve(scheduler, Texts(model, prompts), inbox, results)


def _serve(scheduler: Scheduler, texts: Texts, inbox: SimpleQueue, results: int) -> None:
    frame, sent_at = Frame(), 0.0
    while True:
        if scheduler.is_idle:
            _obey(inbox.get(), scheduler, texts, frame)
        until = time.monotonic() + _COMMAND_SECONDS_PER_STEP
        while not inbox.empty() and time.monotonic() < until:
            _obey(inbox.get(), scheduler, texts, frame)
        scheduler.step(frame)
        now = time.monotonic()
        if frame.is_urgent or frame.refused or now - sent_at >= _FRAME_SECONDS:
            _send(results, frame.as_message())
            frame, sent_at = Frame(), now


def _obey(command: dict, scheduler: Scheduler, texts: Texts, frame: Frame) -> None:
    if "cancel" in command:
        scheduler.cancel(command["cancel"])
        return
    ask = Ask(**command["ask"])
    try:
        scheduler.submit(texts.from_ask(ask))
    except Refused as error:
        frame.refused.append((ask.id, str(error)))
    except ValueError as error:  # half a surrogate pair, say
        frame.refused.append((ask.id, f"The prompt cannot be tokenised: {error}."))


def take_over_pipes() -> tuple[int, int]:
    """Keep the pipes to the parent on descriptors of our own and point stdin at nothing, stdout at stderr."""
    commands, results = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return commands, results


def _read(commands: int, inbox: SimpleQueue, parent: int) -> None:
    """Pass commands on; end the process when the parent has closed the pipe or is gone.

    The parent is looked for as well, because the pipe stays open as long as any process it forked lives.
    """
    buffer = bytearray()
    while os.getppid() == parent:
        if not select.select([commands], [], [], _PARENT_CHECK_SECONDS)[0]:
            continue
        received = os.read(commands, 1 << 16)
        if not received:
            break
        buffer += received
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            inbox.put(protocol.decode(line))
    os._exit(0)


def _send(results: int, message: dict) -> None:
    content = memoryview(protocol.encode(message))
    while content:
        content = content[os.write(results, content) :]


if __name__ == "__main__":
    main()
