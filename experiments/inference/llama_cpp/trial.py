"""One measurement of one way of computing, in a process of its own: `python -m experiments.inference.llama_cpp.trial`.

Reads {"settings": fields of `native.EngineSettings`, "n_prompt": .., "n_steps": ..} and answers with one JSON object.
"""

import json
import os
import statistics
import time

import numpy as np

from .child import take_over_pipes


def main() -> None:
    commands, answers = take_over_pipes()
    with os.fdopen(commands, encoding="utf-8") as lines, os.fdopen(answers, "w", encoding="utf-8") as out:
        work = json.loads(next(lines))
        print(json.dumps(measure(**work)), file=out, flush=True)


def measure(settings: dict, n_prompt: int, n_steps: int) -> dict[str, float]:
    """Tokens per second: of a prompt computed once, and of texts written side by side behind it."""
    from .native import EngineSettings, Model

    model = Model(EngineSettings(**settings))
    size = settings["batch_tokens"]
    n_texts = min(settings["n_slots"], (settings["n_cells"] - n_prompt) // n_steps)
    tokens = (np.arange(n_prompt, dtype=np.int32) + 1000) % model.n_vocab
    model.decode([(0, 0, tokens[:16], 1)])  # the first step reads the weights from the disk
    model.remove(0, 0)
    started = time.perf_counter()
    for start in range(0, n_prompt, size):
        model.decode([(0, start, tokens[start : start + size], int(start + size >= n_prompt))])
    prefilled = time.perf_counter()
    for text in range(1, n_texts):
        model.copy(0, text, n_prompt)
    seconds = []
    for step in range(n_steps):
        began = time.perf_counter()
        model.decode([(text, n_prompt + step, tokens[:1], 1) for text in range(n_texts)])
        seconds.append(time.perf_counter() - began)
    return {"prompt_per_second": n_prompt / (prefilled - started), "texts_per_second": n_texts / statistics.median(seconds)}


if __name__ == "__main__":
    main()
