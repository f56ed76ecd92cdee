"""The plain ways of doing the engine's work, for the benchmark to compare with: `python -m ...baselines`.

Reads one JSON object {"do": name, ...} a line and answers each with one JSON object. A process of its own, because
native code may crash.
"""

import json
import os
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from .child import take_over_pipes
from .native import EngineSettings, Model
from .protocol import Frame
from .running import Text
from .sampler import Sampler
from .scheduler import Scheduler
from .text import TextWriter


class Baselines:
    """One model file: through the high-level API, through bare calls of llama_decode, or our scheduler with a stopwatch."""

    def __init__(self, settings: EngineSettings):
        self._settings = settings

    @cached_property
    def _high_level(self):
        import llama_cpp

        threads = {"n_threads": self._settings.n_threads, "n_threads_batch": self._settings.n_threads}
        return llama_cpp.Llama(self._settings.path, n_ctx=2048, flash_attn=False, verbose=False, **threads)

    @cached_property
    def _bare(self) -> Model:
        return Model(self._settings)

    def one_after_the_other(self, text: str, seeds: list[int], max_tokens: int, keeps_prompt: bool = True) -> dict:
        """Seconds and tokens of one chat completion per seed. The prompt is new to the first, and to all if it is not kept."""
        self._high_level.reset()
        seconds, n_tokens = [], []
        for seed in seeds:
            if not keeps_prompt:
                self._high_level.reset()
            started = time.perf_counter()
            answer = self._complete(text, seed, max_tokens)
            seconds.append(time.perf_counter() - started)
            n_tokens.append(answer["usage"]["completion_tokens"])
        return {"seconds": seconds, "tokens": n_tokens}

    def different_ones(self, texts: list[str], lengths: list[int]) -> dict:
        """Seconds and tokens of one chat completion per text; what it shares with the one before is cached."""
        self._high_level.reset()
        started, n_tokens = time.perf_counter(), 0
        for seed, (text, max_tokens) in enumerate(zip(texts, lengths, strict=True)):
            answer = self._complete(text, seed, max_tokens)
            n_tokens += answer["usage"]["completion_tokens"]
        return {"seconds": time.perf_counter() - started, "tokens": n_tokens}

    def _complete(self, text: str, seed: int, max_tokens: int) -> dict:
        return self._high_level.create_chat_completion(
            [{"role": "user", "content": text}], temperature=0.8, top_k=0, top_p=1.0, seed=seed, max_tokens=max_tokens
        )

    def score_one_by_one(self, n_prompt: int, lengths: list[int], keeps_prompt: bool) -> dict:
        """Seconds for the logits of given texts of these lengths after a prompt, each alone."""
        self._clear(1)
        if keeps_prompt:
            self._prefill(n_prompt)
        seconds = []
        for length in lengths:
            started = time.perf_counter()
            if not keeps_prompt:
                self._clear(1)
                self._prefill(n_prompt)
            self._bare.remove(0, n_prompt)
            self._bare.decode([(0, n_prompt, np.arange(2000, 2000 + length, dtype=np.int32), length)])
            seconds.append(time.perf_counter() - started)
        return {"seconds": seconds}

    def bare_loop(self, n_prompt: int, lengths: list[int]) -> dict:
        """Seconds to prefill `n_prompt` tokens once and decode texts of these lengths side by side, without any sampling."""
        self._clear(len(lengths))
        started = time.perf_counter()
        self._prefill(n_prompt)
        for sequence in range(1, len(lengths)):
            self._bare.copy(0, sequence, n_prompt)
        token = np.array([1000], np.int32)
        for step in range(max(lengths) - 1):
            alive = [sequence for sequence, length in enumerate(lengths) if length - 1 > step]
            self._bare.decode([(sequence, n_prompt + step, token, 1) for sequence in alive])
        return {"seconds": time.perf_counter() - started, "tokens": sum(lengths)}

    def bare_prefill(self, n_prompt: int) -> dict:
        """Seconds until the logits after a new prompt are there."""
        self._clear(1)
        started = time.perf_counter()
        self._prefill(n_prompt)
        return {"seconds": time.perf_counter() - started}

    def profile(self, n_prompt: int, n_texts: int, max_tokens: int) -> dict:
        """Seconds of texts written side by side through our scheduler: in llama_decode, in sampling, and in all."""
        self._clear(self._settings.n_sequences)
        spent = {"decode": 0.0, "sample": 0.0}
        model = _Timed(self._bare, "decode", spent, "decode")
        scheduler = Scheduler(
            model, self._settings.n_cells, self._settings.n_slots, self._settings.n_sequences, self._settings.batch_tokens
        )
        scheduler.chooser = _Timed(scheduler.chooser, "choose", spent, "sample")
        prompt = np.arange(1000, 1000 + n_prompt, dtype=np.int32)
        for id in range(n_texts):
            scheduler.submit(Text(id, "run", "attempt", prompt, max_tokens, Sampler(id, 0.8), TextWriter()))
        started = time.perf_counter()
        while not scheduler.is_idle:
            scheduler.step(Frame())
        return {**spent, "seconds": time.perf_counter() - started}

    def _clear(self, n_sequences: int) -> None:
        for sequence in range(n_sequences):
            self._bare.remove(sequence, 0)

    def _prefill(self, n_prompt: int) -> None:
        size = self._bare.settings.batch_tokens
        for start in range(0, n_prompt, size):
            tokens = np.arange(1000 + start, 1000 + min(start + size, n_prompt), dtype=np.int32)
            self._bare.decode([(0, start, tokens, int(start + size >= n_prompt))])


class _Timed:
    """Stands in for an object and adds up the seconds spent in one of its methods."""

    def __init__(self, inner: Any, method: str, spent: dict[str, float], name: str):
        self._inner, self._method, self._spent, self._name = inner, method, spent, name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        return self._measured(found) if attribute == self._method else found

    def _measured(self, function: Callable) -> Callable:
        def call(*arguments):
            started = time.perf_counter()
            try:
                return function(*arguments)
            finally:
                self._spent[self._name] += time.perf_counter() - started

        return call


def main() -> None:
    commands, answers = take_over_pipes()
    with os.fdopen(commands, encoding="utf-8") as lines, os.fdopen(answers, "w", encoding="utf-8") as out:
        baselines = Baselines(EngineSettings(**json.loads(next(lines))))
        for line in lines:
            command = json.loads(line)
            print(json.dumps(getattr(baselines, command.pop("do"))(**command)), file=out, flush=True)


if __name__ == "__main__":
    main()
