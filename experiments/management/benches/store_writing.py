"""The writing half of the store benchmark: the worker's one writer, while a page of the same run is read over and over."""

import asyncio
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from experiments.models import Attempt, Run, Sample, VerifierScore
from experiments.runner.database import DatabaseThread
from experiments.runner.drafts import DraftBoard
from experiments.runner.recording import Recorder

from . import Row
from .serving import session_cookie, web_server
from .store_reading import a_grade, a_sample, planned_run

N_SAMPLES = 20_000
#: Texts that end at the same time: far more than any model finishes, so that the writer is what is measured.
AT_ONCE = 1000
PAGE_SECONDS = 0.25
LAG_SECONDS = 0.01


def writing(folder: Path) -> Iterator[Row]:
    """Fills the current database, a scratch one in `folder`, with a run."""
    run = planned_run(N_SAMPLES, "bench of the writer")
    stop, page_seconds = threading.Event(), []
    with web_server(folder) as (port, _):
        address = f"http://127.0.0.1:{port}{run.get_absolute_url()}"
        watching = threading.Thread(target=_watch, args=(address, session_cookie(), stop, page_seconds))
        watching.start()
        try:
            seconds, lag = asyncio.run(_write(run))
        finally:
            stop.set()
            watching.join()
    run.refresh_from_db()
    stored = Sample.objects.filter(run=run).count()
    yield Row.at_least("samples stored with score and grade, a page watching", stored / seconds, "1/s", 2000)
    yield Row("pages served meanwhile", len(page_seconds), "")
    yield Row("the worker's event loop was held up for at most", lag * 1000, "ms")
    yield Row.at_most("samples that the run's counter misses", abs(run.n_samples - stored), "", 0)


async def _write(run: Run) -> tuple[float, float]:
    """(seconds until everything is committed, the event loop's longest lag in seconds)."""
    database = DatabaseThread()
    recorder = Recorder(database, DraftBoard(0))
    verifier = run.config["verifiers"][0]["key"]
    attempts = await database.run(lambda: list(run.attempts.select_related("problem")))
    rows = [(attempt, a_sample(run, attempt, index)) for attempt in attempts for index in range(N_SAMPLES // len(attempts))]
    places = asyncio.Semaphore(AT_ONCE)

    async def record(attempt: Attempt, row: Sample) -> None:
        async with places:
            row = await recorder.store_sample(row)
            score = VerifierScore(sample=row, verifier=verifier, score=row.mean_logprob)
            await asyncio.gather(recorder.store(run.pk, score), recorder.store(run.pk, a_grade(run, attempt, row)))

    started = time.perf_counter()
    async with asyncio.TaskGroup() as writing:
        writing.create_task(recorder.run())
        lag: list[float] = [0.0]
        measuring = writing.create_task(_measure_lag(lag))
        async with asyncio.TaskGroup() as recording:
            for attempt, row in rows:
                recording.create_task(record(attempt, row))
        seconds = time.perf_counter() - started
        recorder.close()
        measuring.cancel()
    await database.close()
    return seconds, max(lag)


async def _measure_lag(lag: list[float]) -> None:
    """Note how late the event loop wakes, until cancelled."""
    while True:
        due = time.perf_counter() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        lag.append(time.perf_counter() - due)


def _watch(address: str, cookie: str, stop: threading.Event, seconds: list[float]) -> None:
    """Load the run's page a few times a second. This thread only waits: the page is made by the web server's process."""
    request = urllib.request.Request(address, headers={"Cookie": cookie})
    while not stop.wait(PAGE_SECONDS):
        started = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as response:
            response.read()
        seconds.append(time.perf_counter() - started)
