"""Remote endpoints: how near to the ideal, how well within an unknown limit, and how much memory waiting calls take."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
from django.conf import settings

from experiments.domain.types import Decoding, Message
from experiments.inference import consents
from experiments.inference.base import LanguageModelClient, Request, backends
from experiments.inference.calls import Call, CallState

from . import Row, bench
from .remote_endpoint import CALLS_PER_SECOND, SECONDS_PER_CALL

_N_CALLS, _N_AT_ONCE = 2000, 64
_WARM_UP_SECONDS, _MEASURED_SECONDS = 15.0, 30.0
_N_PENDING = 5000
_SETTLING_SECONDS = 5.0


@bench("remote")
def remote() -> Iterator[Row]:
    """Calls to a remote endpoint, against one that answers after 200 ms in a process of its own"""
    with endpoint() as base_url:
        consents.allow_private(base_url)
        yield from asyncio.run(_steady(base_url))
        yield from asyncio.run(_limited(base_url))
        yield from asyncio.run(_pending(base_url))
        consents.withdraw(base_url)


async def _steady(base_url: str) -> list[Row]:
    async with _connected(base_url, "steady", max_concurrency=_N_AT_ONCE) as client:
        await asyncio.gather(*(client.generate(_request(seed)) for seed in range(_N_AT_ONCE)))  # opens the connections
        began, cpu_began = time.perf_counter(), time.process_time()
        await asyncio.gather(*(client.generate(_request(seed)) for seed in range(_N_CALLS)))
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    ideal = _N_CALLS / _N_AT_ONCE * SECONDS_PER_CALL
    return [
        Row.at_most(
            f"{_N_CALLS:,} calls, {_N_AT_ONCE} at once on open connections: time over ideal ({ideal:g} s)",
            seconds / ideal,
            "x",
            1.1,
        ),
        Row("processor time of one call", cpu_seconds / _N_CALLS * 1000, "ms"),
    ]


async def _limited(base_url: str) -> list[Row]:
    """Offer as many calls as it takes, and count what leaves and what is answered once the client knows the limit."""
    ended: list[tuple[float, Call]] = []
    began = time.perf_counter()

    async def note(call: Call) -> None:
        if call.state is not CallState.SENT:
            ended.append((time.perf_counter() - began, call))

    async def keep_asking(client: LanguageModelClient, worker: int) -> None:
        for number in range(1_000_000):
            await client.generate(_request(worker * 1_000_000 + number, on_call=note))

    async with _connected(base_url, "limited", max_concurrency=_N_AT_ONCE, max_attempts=50) as client:
        asking = [asyncio.create_task(keep_asking(client, worker)) for worker in range(_N_AT_ONCE)]
        await asyncio.sleep(_WARM_UP_SECONDS + _MEASURED_SECONDS)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    ends_at = _WARM_UP_SECONDS + _MEASURED_SECONDS
    measured = [call for at, call in ended if _WARM_UP_SECONDS <= at < ends_at]
    answered = sum(call.state is CallState.ANSWERED for call in measured)
    rejected = sum(call.status == 429 for call in measured)
    early = sum(call.status == 429 for at, call in ended if at < _WARM_UP_SECONDS)
    share = answered / _MEASURED_SECONDS / CALLS_PER_SECOND
    return [
        Row.at_least(f"limit of {CALLS_PER_SECOND}/s, not told: throughput over limit", share, "x", 0.95),
        Row.at_most("calls turned away after warm-up", 100 * rejected / max(len(measured), 1), "%", 2),
        Row(f"calls turned away in {_WARM_UP_SECONDS:g} s of warm-up", early, "calls"),
    ]


async def _pending(base_url: str) -> list[Row]:
    before = _memory_mb()
    async with _connected(base_url, "silent", max_concurrency=_N_AT_ONCE) as client:
        asking = [asyncio.create_task(client.generate(_request(seed))) for seed in range(_N_PENDING)]
        await asyncio.sleep(_SETTLING_SECONDS)
        after = _memory_mb()
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    return [
        Row.at_most(f"{_N_PENDING:,} calls pending: memory of the process", after, "MB", 300),
        Row("of it for the calls", after - before, "MB"),
    ]


@contextlib.contextmanager
def endpoint() -> Iterator[str]:
    """The base URL of the endpoint's process, which ends with the block."""
    command = [sys.executable, "-m", "experiments.management.benches.remote_endpoint"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=settings.BASE_DIR, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.wait()


@contextlib.asynccontextmanager
async def _connected(base_url: str, model: str, **options):
    client = await backends.build("openai_api", {"base_url": base_url, "model": model, **options}).connect()
    try:
        yield client
    finally:
        await client.aclose()


def _request(seed: int, on_call=None) -> Request:
    prompt = f"Question {seed}. " + "What is three and four, in one word? " * 20
    return Request((Message("user", prompt),), Decoding(), seed, on_call=on_call)


def _memory_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6
