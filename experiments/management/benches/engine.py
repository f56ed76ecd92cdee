"""The local engine beside the plain ways of doing the same, on the bundled model."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from experiments.domain.types import Decoding, Message
from experiments.inference.base import Generation, LanguageModelClient, Request, backends
from experiments.inference.llama_cpp.client import CHILD_ENVIRONMENT

from . import Row, bench
from .engine_crowds import given_texts, mixed_prompts, thousand_at_once

_ROUNDS = 3
_N = 16
_MAX_TOKENS = 128
_PLAIN_COMPLETIONS = 4
_SHORT = "Write a long and detailed story about a lighthouse keeper, a storm and a lost ship. Begin with the weather."
# Facts without repetition, about 1,170 tokens.
_LONG = (
    " ".join(f"Fact {i}: room {i * 37 % 101} holds {i * 53 % 97} boxes." for i in range(78))
    + " Write a long story about one room."
)


@bench("engine")
def engine() -> Iterator[Row]:
    """The local engine and the plain ways, turn by turn in one run; medians of rounds"""
    yield from asyncio.run(_measure())


async def _measure() -> list[Row]:
    backend = backends.build("llama_cpp")
    baselines = _Baselines(backend.engine_settings())
    client = await backend.connect()
    try:
        await _best_of(client, "Say hello.", 0)
        rows = []
        for name, text, least in (("60-token prompt", _SHORT, 2.1), ("cold 1,200-token prompt", _LONG, 2.0)):
            rows += await _compare_best_of(client, baselines, name, text, least)
        rows.append(await _first_token(client, baselines))
        rows += await mixed_prompts(client, baselines)
        rows += await given_texts(client, baselines)
        return [*rows, *await thousand_at_once(client, backend, client.pid)]
    finally:
        await client.aclose()
        baselines.close()


async def _compare_best_of(client, baselines: "_Baselines", name: str, text: str, least: float) -> list[Row]:
    speeds, against_one_by_one, against_bare, parent_share = [], [], [], []
    for round in range(_ROUNDS):
        new_text = f"Case {round}. {text}"
        cpu, started = time.process_time(), time.perf_counter()
        generations = await _best_of(client, new_text, round)
        seconds = time.perf_counter() - started
        parent_share.append((time.process_time() - cpu) / seconds)
        lengths = [generation.usage.completion_tokens for generation in generations]
        bare = baselines.ask("bare_loop", n_prompt=generations[0].usage.prompt_tokens, lengths=lengths)
        speeds.append(sum(lengths) / seconds)
        against_one_by_one.append(speeds[-1] / _one_after_the_other(baselines, new_text, round))
        against_bare.append(bare["seconds"] / seconds)
    median = statistics.median
    case = f"best of {_N}, {name}"
    return [
        Row(f"{case}: engine", median(speeds), "tokens/s"),
        Row.at_least(f"{case}: engine / one after the other", median(against_one_by_one), "x", least),
        Row.at_least(f"{case}: engine with logprobs / bare llama_decode loop", median(against_bare), "x", 0.9),
        Row.at_most(f"{case}: parent's share of a core while streaming", 100 * median(parent_share), "%", 8),
    ]


def _one_after_the_other(baselines: "_Baselines", text: str, round: int) -> float:
    """Tokens per second of 16 completions: the first, with its new prompt, once, and the mean of some others 15 times."""
    seeds = list(range(round * _N, round * _N + _PLAIN_COMPLETIONS))
    plain = baselines.ask("one_after_the_other", text=text, seeds=seeds, max_tokens=_MAX_TOKENS)
    tokens, seconds = (values[0] + (_N - 1) * statistics.mean(values[1:]) for values in (plain["tokens"], plain["seconds"]))
    return tokens / seconds


async def _best_of(client: LanguageModelClient, text: str, round: int) -> list[Generation]:
    decoding = Decoding(temperature=0.8, max_tokens=_MAX_TOKENS)
    requests = [Request((Message("user", text),), decoding, seed=round * _N + i) for i in range(_N)]
    return await asyncio.gather(*(client.generate(request, lambda text: None) for request in requests))


async def _first_token(client: LanguageModelClient, baselines: "_Baselines") -> Row:
    """Every prompt begins differently, so that nothing of it is cached."""
    ratios = []
    for i in range(4 * _ROUNDS):
        messages = (Message("system", f"{i} is the number of this case. Answer with care."), Message("user", _SHORT))
        generation = await client.generate(Request(messages, Decoding(max_tokens=2), seed=i))
        bare = baselines.ask("bare_prefill", n_prompt=generation.usage.prompt_tokens)
        ratios.append(generation.seconds_to_first_token / bare["seconds"])
    return Row.at_most("submit to first token, 60-token prompt / bare prefill", statistics.median(ratios), "x", 1.1)


class _Baselines:
    """The process that does the same work the plain way, with the engine's own settings and environment."""

    def __init__(self, settings: dict):
        command = [sys.executable, "-m", "experiments.inference.llama_cpp.baselines"]
        environment = {**CHILD_ENVIRONMENT, **os.environ}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=environment)
        self._tell(settings)

    def ask(self, do: str, **arguments) -> dict:
        self._tell({"do": do, **arguments})
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()

    def _tell(self, message: dict) -> None:
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
