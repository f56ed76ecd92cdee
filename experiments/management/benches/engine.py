"""The local engine beside the plain ways of doing the same, on the bundled model."""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from experiments.domain.types import Decoding, Message
from experiments.inference.base import Backend, Generation, LanguageModelClient, Request, backends

from . import Row, bench
from .engine_crowds import given_texts, mixed_prompts, thousand_at_once
from .engine_inside import preemptions, where_time_goes
from .engine_processes import Baselines

_ROUNDS = 3
_N = 16
_MAX_TOKENS = 128
_PLAIN_COMPLETIONS = 5
_SHORT = "Write a long and detailed story about a lighthouse keeper, a storm and a lost ship. Begin with the weather."
# Facts without repetition, about 1,170 tokens.
_LONG = (
    " ".join(f"Fact {i}: room {i * 37 % 101} holds {i * 53 % 97} boxes." for i in range(78))
    + " Write a long story about one room."
)


@dataclass(frozen=True)
class _Here:
    """What is compared. `plain` has the file as it is and llama.cpp's own threads; `alike` the engine's weights and threads."""

    backend: Backend
    client: LanguageModelClient
    plain: Baselines
    alike: Baselines


@bench("engine")
def engine() -> Iterator[Row]:
    """The local engine and the plain ways, turn by turn in one run; medians of rounds"""
    yield from asyncio.run(_measure())


async def _measure() -> list[Row]:
    async with _everything() as here:
        rows = []
        for name, text, least in (("60-token prompt", _SHORT, 2.1), ("cold 1,200-token prompt", _LONG, 2.0)):
            rows += await _compare_best_of(here, name, text, least)
        rows.append(await _against_no_sharing(here))
        rows.append(await _first_token(here))
        rows += await mixed_prompts(here.client, here.plain)
        rows += await given_texts(here.client, here.alike)
        rows += preemptions()
        return [*rows, *await thousand_at_once(here.client, here.backend, here.client.pid)]


@asynccontextmanager
async def _everything() -> AsyncIterator[_Here]:
    backend = backends.build("llama_cpp")
    client = await backend.connect()
    plain = Baselines(backends.build("llama_cpp", {"weights": "stored"}).engine_settings(), as_the_engine=False)
    alike = Baselines(backend.engine_settings(), as_the_engine=True)
    try:
        await _best_of(client, "Say hello.", 0)
        yield _Here(backend, client, plain, alike)
    finally:
        plain.close()
        alike.close()
        await client.aclose()


async def _compare_best_of(here: _Here, name: str, text: str, least: float) -> list[Row]:
    seen = defaultdict(list)
    for round in range(_ROUNDS):
        new_text = f"Case {round}. {text}"
        cpu, started = time.process_time(), time.perf_counter()
        generations = await _best_of(here.client, new_text, round)
        seconds = time.perf_counter() - started
        seen["parent"].append(100 * (time.process_time() - cpu) / seconds)
        lengths = [generation.usage.completion_tokens for generation in generations]
        n_prompt = generations[0].usage.prompt_tokens
        bare = here.alike.ask("bare_loop", n_prompt=n_prompt, lengths=lengths)["seconds"]
        speed = sum(lengths) / seconds
        plain, alike = (_one_after_the_other(process, new_text, round) for process in (here.plain, here.alike))
        seen["speed"].append(speed)
        seen["to plain"].append(speed / plain)
        seen["to alike"].append(speed / alike)
        seen["to bare"].append(bare / seconds)
        seen["ceiling"].append(sum(lengths) / bare / plain)
    middle = {what: statistics.median(values) for what, values in seen.items()}
    case = f"best of {_N}, {name}"
    one_by_one = "one after the other"
    return [
        Row(f"{case}: engine", middle["speed"], "tokens/s"),
        Row.at_least(f"{case}: engine / {one_by_one}", middle["to plain"], "x", least),
        Row.at_least(f"{case}: engine / {one_by_one}, same weights and threads", middle["to alike"], "x", least),
        Row(f"{case}: ceiling, a bare llama_decode loop / {one_by_one}", middle["ceiling"], "x"),
        Row.at_least(f"{case}: engine with logprobs / bare llama_decode loop", middle["to bare"], "x", 0.9),
        *where_time_goes(here.alike, case, n_prompt, _N, _MAX_TOKENS),
        Row.at_most(f"{case}: parent's share of a core while streaming", middle["parent"], "%", 8),
    ]


def _one_after_the_other(process: Baselines, text: str, round: int) -> float:
    """Tokens per second of 16 completions: the first, with its new prompt, once, and the mean of some others 15 times."""
    seeds = list(range(round * _N, round * _N + _PLAIN_COMPLETIONS))
    measured = process.ask("one_after_the_other", text=text, seeds=seeds, max_tokens=_MAX_TOKENS)
    tokens, seconds = (values[0] + (_N - 1) * statistics.mean(values[1:]) for values in (measured["tokens"], measured["seconds"]))
    return tokens / seconds


async def _against_no_sharing(here: _Here) -> Row:
    """One after the other on the engine's own weights and threads, every prompt computed anew."""
    text, seeds = f"Case {_ROUNDS}. {_LONG}", list(range(_PLAIN_COMPLETIONS))
    started = time.perf_counter()
    generations = await _best_of(here.client, text, _ROUNDS)
    speed = sum(generation.usage.completion_tokens for generation in generations) / (time.perf_counter() - started)
    alone = here.alike.ask("one_after_the_other", text=text, seeds=seeds, max_tokens=_MAX_TOKENS, keeps_prompt=False)
    case = f"best of {_N}, cold 1,200-token prompt: engine / one after the other without prefix sharing"
    return Row.at_least(case, speed * sum(alone["seconds"]) / sum(alone["tokens"]), "x", 5)


async def _best_of(client: LanguageModelClient, text: str, round: int) -> list[Generation]:
    decoding = Decoding(temperature=0.8, max_tokens=_MAX_TOKENS)
    requests = [Request((Message("user", text),), decoding, seed=round * _N + i) for i in range(_N)]
    return await asyncio.gather(*(client.generate(request, lambda text: None) for request in requests))


async def _first_token(here: _Here) -> Row:
    """Every prompt begins differently, so that nothing of it is cached."""
    ratios = []
    for i in range(4 * _ROUNDS):
        messages = (Message("system", f"{i} is the number of this case. Answer with care."), Message("user", _SHORT))
        generation = await here.client.generate(Request(messages, Decoding(max_tokens=2), seed=i))
        bare = here.alike.ask("bare_prefill", n_prompt=generation.usage.prompt_tokens)
        ratios.append(generation.seconds_to_first_token / bare["seconds"])
    return Row.at_most("submit to first token, 60-token prompt / bare prefill", statistics.median(ratios), "x", 1.1)
