"""An endpoint that honours n: it streams as many answers as it is asked for and counts the tokens of all of them."""

import asyncio
import itertools
import json
from collections.abc import Sequence

from .misbehaving import OVER, Behaviour, Wire

PROMPT_TOKENS = 11


def sharing(
    texts: Sequence[str] = ("The answer is 3.",),
    seconds: float = 0.0,
    gives: int | None = None,
    ends: int | None = None,
    usage: bool = True,
) -> Behaviour:
    """Answers to n: these texts in turn, a token a word. It `gives` fewer than asked, or only so many `ends` before it is cut."""
    drawn = itertools.cycle(texts)

    async def behave(wire: Wire) -> None:
        n = min(wire.asked.body.get("n", 1), gives or 10_000)
        answers = [next(drawn).split() for _ in range(n)]
        await asyncio.sleep(seconds)
        await wire.head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked", "x-request-id": "shared"})
        for words in itertools.zip_longest(*answers):
            for place, word in enumerate(words):
                if word is not None:
                    await wire.chunk(_event({"index": place, "delta": {"content": f"{word} "}}))
        for place in range(n if ends is None else ends):
            await wire.chunk(_event({"index": place, "delta": {}, "finish_reason": "stop"}))
        if ends is not None:
            wire.cut()
            return
        if usage:
            counts = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": sum(map(len, answers))}
            await wire.chunk(f"data: {json.dumps({'choices': [], 'usage': counts})}\n\n".encode())
        await wire.chunk(b"data: [DONE]\n\n")
        await wire.send(OVER)

    return behave


def _event(choice: dict) -> bytes:
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


#: What the truth test reports of it, as far as sharing calls goes.
TRUTH = {
    "asked_at": 1_790_000_000.0,
    "rows": [
        {"feature": name, "asked": "2 answers", "seen": "2 answers", "verdict": "honours"}
        for name in ("n", "usage of n", "n in streams")
    ],
}
