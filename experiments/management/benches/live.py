"""How long a stored sample takes to reach the pages that watch its run."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

import numpy as np
import psutil
from websockets.asyncio.client import connect

from experiments.domain.types import ProblemDraft
from experiments.models import Dataset, Experiment, LanguageModel, Prompt, Run, Sample, Variant
from experiments.reports.changes import Cursor
from experiments.runner.planning import create_run

from . import Row, bench
from .scratch import scratch_database
from .serving import process, session_cookie, web_server

PROBLEMS, SAMPLES_PER_PROBLEM = 80, 16
# 32 texts at once, of 12 tokens at 50 ms each: about 50 samples/s, several times what a small model does on two cores.
SCRIPT = {
    "answers": [f"Let me add these numbers one by one. The answer is {number}." for number in range(3, 9)],
    "seconds_per_token": 0.05,
    "max_in_flight": 32,
}
LONGEST_SECONDS = 180


@bench("live")
def live() -> Iterator[Row]:
    """200 sockets on one run of a real server and worker: from storing a sample to its arrival at every page."""
    with scratch_database() as folder:
        yield from watched(folder, sockets=200, servers=1)


def watched(folder: Path, sockets: int, servers: int) -> Iterator[Row]:
    """A run in the current database, a scratch one, watched through as many web servers in turn."""
    run = _run()
    with ExitStack() as webs:
        serving = [webs.enter_context(web_server(folder)) for _ in range(servers)]
        arrivals, busy_seconds = asyncio.run(_watch(run, session_cookie(), folder, serving, sockets))
    stored = {row: at.timestamp() for row, at in Sample.objects.filter(run=run).values_list("pk", "created_at")}
    latencies = [1000 * (at - stored[row]) for seen in arrivals for row, at in seen.items()]
    seconds = max(stored.values()) - min(stored.values())
    yield Row("sockets", len(arrivals), "")
    yield Row("web servers", servers, "")
    yield Row("samples stored", len(stored), "")
    yield Row("stored per second", len(stored) / seconds, "1/s")
    yield Row.at_most("samples some socket never saw", sum(len(stored.keys() - seen.keys()) for seen in arrivals), "", 0)
    yield Row("latency, median", float(np.percentile(latencies, 50)), "ms")
    yield Row.at_most("latency, 95th percentile", float(np.percentile(latencies, 95)), "ms", 500)
    yield Row("latency, slowest", max(latencies), "ms")
    yield Row("web servers' share of one core", busy_seconds / seconds, "")


def _run() -> Run:
    drafts = [ProblemDraft(f"p{i}", f"{i} + 3 =", (str(i + 3),)) for i in range(PROBLEMS)]
    variant = Variant.objects.write(Prompt.objects.create(name="sums"), "plain", "", "{{ question }}")
    experiment = Experiment.objects.create(
        name="live",
        study_params={"n": SAMPLES_PER_PROBLEM},
        dataset=Dataset.objects.store("sums", drafts, source="bench", source_params={}),
        grader="numeric",
        verifiers=[{"name": "mean_logprob", "params": {}}],
    )
    experiment.variants.set([variant])
    experiment.language_models.set([LanguageModel.objects.create(name="script", backend="scripted", params=SCRIPT)])
    return create_run(experiment, None)


async def _watch(
    run: Run, cookie: str, folder: Path, serving: list[tuple[int, psutil.Process]], sockets: int
) -> tuple[list[dict[int, float]], float]:
    """For every socket, sample -> when its message arrived, until all have seen all or the time is up; and the web
    servers' processor seconds meanwhile. `serving` are (port, process)."""
    ready = asyncio.Semaphore(0)
    ports = [port for port, _ in serving]
    listening = [_listen(run.pk, ports[i % len(ports)], cookie, run.n_samples_planned, ready) for i in range(sockets)]
    watchers = [asyncio.create_task(each) for each in listening]
    for _ in watchers:
        await ready.acquire()
    # Only now somebody takes up the run, so that every sample is seen live.
    before = _busy_seconds(serving)
    with process(["manage.py", "worker"], folder):
        arrivals = await asyncio.gather(*watchers)
    return arrivals, _busy_seconds(serving) - before


def _busy_seconds(serving: list[tuple[int, psutil.Process]]) -> float:
    times = [web.cpu_times() for _, web in serving]
    return sum(each.user + each.system for each in times)


async def _listen(run: int, port: int, cookie: str, n_samples: int, ready: asyncio.Semaphore) -> dict[int, float]:
    seen: dict[int, float] = {}
    address = f"ws://127.0.0.1:{port}/ws/runs/{run}/?cursor={Cursor()}"
    headers = {"Cookie": cookie}
    async with connect(address, origin=f"http://127.0.0.1:{port}", additional_headers=headers, open_timeout=60) as socket:
        ready.release()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while len(seen) < n_samples:
                    message = await socket.recv()
                    now = time.time()
                    seen.update((sample, now) for sample in _samples_in(message))
        except TimeoutError:
            pass
    return seen


@lru_cache(maxsize=64)
def _samples_in(message: str) -> tuple[int, ...]:
    """Every socket gets the same message, so it is read once."""
    return tuple(json.loads(message).get("samples", ()))
