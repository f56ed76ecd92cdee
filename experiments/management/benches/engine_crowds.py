"""The local engine among many requests: mixed prompts, given texts, memory, and a thousand at once. Part of `bench engine`."""

import asyncio
import random
import statistics
import time

import psutil

from experiments.domain.types import Decoding, Message
from experiments.inference.base import Backend, Generation, LanguageModelClient, Request

from . import Row
from .engine_processes import Baselines

_N_PROMPTS = 32
_PLAIN_PROMPTS = 8
_N_CONTINUATIONS = 64
_PLAIN_SCORES = 6
_N_AT_ONCE = 1000
_N_OF_SMALL_RUN = 100
# About 600 tokens of worked examples.
_HEADER = "\n".join(f"Question: how many boxes are {i} and {i * 7 % 43}? Answer: {i + i * 7 % 43} boxes." for i in range(24))
# About 500 tokens.
_FACTS = " ".join(f"Fact {i}: room {i * 37 % 101} holds {i * 53 % 97} boxes." for i in range(33))


async def mixed_prompts(client: LanguageModelClient, process: Baselines) -> list[Row]:
    """Different prompts with one header, arriving at random."""
    rng = random.Random(1)
    tails = [f"Question: tell a story about {i * 13 % 97} boxes and room {i}." for i in range(_N_PROMPTS)]
    lengths = [rng.randint(16, 256) for _ in tails]
    gaps = [rng.expovariate(20) for _ in tails]

    async def arrive(i: int) -> Generation:
        await asyncio.sleep(sum(gaps[:i]))
        decoding = Decoding(temperature=0.8, max_tokens=lengths[i])
        return await client.generate(Request((Message("user", f"{_HEADER}\n{tails[i]}"),), decoding, seed=i, attempt=str(i)))

    started = time.perf_counter()
    generations = await asyncio.gather(*map(arrive, range(_N_PROMPTS)))
    seconds = time.perf_counter() - started
    speed = sum(generation.usage.completion_tokens for generation in generations) / seconds
    plain = process.ask(
        "different_ones", texts=[f"{_HEADER}\n{tail}" for tail in tails[:_PLAIN_PROMPTS]], lengths=lengths[:_PLAIN_PROMPTS]
    )
    usages = [generation.usage for generation in generations]
    n_header = max(usage.cached_tokens for usage in usages)
    n_computed = sum(usage.prompt_tokens - usage.cached_tokens for usage in usages)
    n_own = sum(usage.prompt_tokens - n_header for usage in usages)
    case = f"{_N_PROMPTS} prompts sharing a {n_header}-token header"
    return [
        Row.at_least(f"{case}: engine / one after the other", speed * plain["seconds"] / plain["tokens"], "x", 1.8),
        Row.at_most(f"{case}: times the header was prefilled", (n_computed - n_own) / n_header, "x", 1.05),
    ]


async def given_texts(client: LanguageModelClient, process: Baselines) -> list[Row]:
    """Many continuations of one prompt, scored together and one by one."""
    continuations = [f"Room {i * 37 % 101} holds {i * 53 % 97} boxes." for i in range(_N_CONTINUATIONS)]
    rounds = []
    for round in range(3):
        started = time.perf_counter()
        scores = await client.logprobs_of((Message("user", f"Case {round}. {_FACTS}"),), continuations)
        rounds.append(time.perf_counter() - started)
    n_given = [len(score.token_logprobs) for score in scores]
    n_prompt = scores[0].usage.prompt_tokens - n_given[0]
    each = {
        keeps: process.ask("score_one_by_one", n_prompt=n_prompt, lengths=n_given[:_PLAIN_SCORES], keeps_prompt=keeps)["seconds"]
        for keeps in (False, True)
    }
    seconds = statistics.median(rounds)
    case = f"{_N_CONTINUATIONS} continuations of a {n_prompt}-token prompt: engine / one by one, each with its prompt"
    return [
        Row.at_least(case, _N_CONTINUATIONS * statistics.mean(each[False]) / seconds, "x", 10),
        Row(
            f"{_N_CONTINUATIONS} continuations of a {n_prompt}-token prompt: engine / one by one, the prompt kept",
            (each[False][0] + (_N_CONTINUATIONS - 1) * statistics.mean(each[True])) / seconds,
            "x",
        ),
    ]


async def thousand_at_once(client: LanguageModelClient, backend: Backend, pid: int) -> list[Row]:
    """A big run and a small one submitted together; the small one should be through when it has had as much as the big one."""
    child, parent = psutil.Process(pid), psutil.Process()
    before = child.memory_info().rss, parent.memory_info().rss
    started = time.perf_counter()
    ends: dict[tuple[str, int], float] = {}

    async def one(i: int) -> None:
        # Mixed as they arrive: handing over so many takes a while, and the small run's share begins with its first.
        run, place = ("small", i // every) if i % every == 0 else ("big", i)
        request = Request(
            (Message("user", f"Count from {place // 10} on."),),
            Decoding(max_tokens=4),
            seed=i,
            run=run,
            attempt=str(place // 10),
        )
        await client.generate(request, lambda text: ends.setdefault((run, i), time.perf_counter() - started))

    every = _N_AT_ONCE // _N_OF_SMALL_RUN
    await asyncio.gather(*map(one, range(_N_AT_ONCE)))
    seconds = time.perf_counter() - started
    last_of_small = max(at for (run, _), at in ends.items() if run == "small")
    predicted = seconds * 2 * _N_OF_SMALL_RUN / _N_AT_ONCE
    plan = backend.memory_plan().parts
    rest = child.memory_info().rss - plan["weights"] - plan["cache"]
    case = f"{_N_AT_ONCE} requests at once"
    return [
        Row.at_most(f"{case}: growth of the engine's memory", (child.memory_info().rss - before[0]) / 1e6, "MB", 20),
        Row.at_most(f"{case}: growth of the parent's memory", (parent.memory_info().rss - before[1]) / 1e6, "MB", 40),
        Row.at_most(f"{case}: first token of a small run's last / as fair share predicts", last_of_small / predicted, "x", 1.25),
        Row.at_most("memory of the engine beyond weights and cache", rest / 1e6, "MB", 200),
    ]
