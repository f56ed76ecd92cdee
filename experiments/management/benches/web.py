"""The pages of a lab that has drawn a million samples: how fast they are, and how much they ask and keep."""

import http.client
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import Attempt, Condition, Dataset, Experiment, LanguageModel, Prompt, Sample, User

from . import Row, bench
from .plans import plans_of
from .scratch import scratch_database
from .serving import session_cookie, web_server
from .web_paint import painted
from .web_rows import fill

REQUESTS, WARMING_UP = 2_000, 300
MEDIAN_MS, MOST_MS, MOST_QUERIES, GROWTH_MB = 300, 800, 15, 60


@bench("web")
def web() -> Iterator[Row]:
    """Lists, runs, problems and comparisons with 1,000,000 samples in 200 runs, asked of the real server in random order."""
    with scratch_database() as folder:
        yield from of_a_million(folder)


def of_a_million(folder: Path) -> Iterator[Row]:
    """Fills the current database, a scratch one."""
    runs = fill()
    yield Row("samples stored", Sample.objects.count(), "")
    pages = _Pages(runs)
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.create_user("bench", role=User.Role.EDITOR))
    yield from _queries(browser, pages)
    if connection.vendor == "postgresql":
        yield from plans_of(browser, [pages.one(kind) for kind in pages.kinds for _ in range(12)])
    yield from _asked(folder, pages)


class _Pages:
    """Addresses by kind, drawn at random; the same every time the benchmark runs."""

    def __init__(self, runs: list[int]):
        self._runs = runs
        self._random = random.Random(1)
        self._attempts = list(Attempt.objects.filter(run__in=runs[:40]).values_list("run_id", "pk"))
        self._keys = list(Condition.objects.filter(run=runs[0]).values_list("key", flat=True))
        self._same_data = defaultdict(list)
        for run, experiment in Attempt.objects.filter(position=0).values_list("run_id", "run__experiment_id"):
            self._same_data[experiment].append(run)
        self._single = {
            "experiment": [each.get_absolute_url() for each in Experiment.objects.all()],
            "dataset": [each.get_absolute_url() for each in Dataset.objects.all()],
            "prompt": [each.get_absolute_url() for each in Prompt.objects.all()],
            "model": [each.get_absolute_url() for each in LanguageModel.objects.all()],
        }

    kinds = ("list", "search", "run", "problem", "compare", "experiment", "dataset", "prompt", "model")

    def one(self, kind: str) -> str:
        choice = self._random.choice
        if kind == "list":
            lists = ("/", "/runs/", "/runs/?page=3", "/experiments/", "/prompts/", "/datasets/", "/models/", "/reviews/")
            return choice((*lists, "/compare/"))
        if kind == "search":
            return f"/search/?q={choice(('lab', 'kind', 'What is 4', 'lab 7', 'month', 'nothing of the sort'))}"
        if kind == "run":
            return f"/runs/{choice(self._runs)}/"
        if kind == "problem":
            run, attempt = choice(self._attempts)
            return f"/runs/{run}/attempts/{attempt}/"
        if kind == "compare":
            first, second = self._random.sample(choice(list(self._same_data.values())), 2)
            return f"/compare/?arm={first}.{self._keys[0]}&arm={second}.{self._keys[1]}&arm={first}.{self._keys[1]}"
        return choice(self._single[kind])


def _queries(browser: Client, pages: _Pages) -> Iterator[Row]:
    """The most that any page of a kind asks the database, the first time and after."""
    for kind in pages.kinds:
        most = 0
        for _ in range(12):
            path = pages.one(kind)
            with CaptureQueriesContext(connection) as asked:
                response = browser.get(path)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answered {response.status_code}.")
            most = max(most, len(asked))
        yield Row.at_most(f"queries of a page: {kind}", most, "", MOST_QUERIES)


def _asked(folder: Path, pages: _Pages) -> Iterator[Row]:
    cookie = session_cookie()
    with web_server(folder) as (port, process):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        seconds = defaultdict(list)
        for number in range(WARMING_UP + REQUESTS):
            if number == WARMING_UP:
                before = _own_memory(process)
                seconds.clear()
            kind = pages.kinds[number % len(pages.kinds)]
            seconds[kind].append(_seconds(link, pages.one(kind), cookie))
        after = _own_memory(process)
        paints = [*painted(f"http://127.0.0.1:{port}", cookie, [(kind, pages.one(kind)) for kind in pages.kinds])]
    for kind, times in seconds.items():
        yield Row.at_most(f"{kind} page, median of {len(times)}", statistics.median(times) * 1000, "ms", MEDIAN_MS)
        yield Row.at_most(f"{kind} page, 95th percentile", statistics.quantiles(times, n=20)[-1] * 1000, "ms", MOST_MS)
    yield from paints
    yield Row.at_most(f"memory that {REQUESTS:,} requests added to the server", (after - before) / 1e6, "MB", GROWTH_MB)
    yield Row("memory of the server after them", after / 1e6, "MB")


def _seconds(link: http.client.HTTPConnection, path: str, cookie: str) -> float:
    """Until the last byte has come."""
    started = time.perf_counter()
    link.request("GET", path.replace(" ", "+"), headers={"Cookie": cookie, "Host": "localhost"})
    response = link.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}.")
    return time.perf_counter() - started


def _own_memory(process: psutil.Process) -> int:
    """Without pages of files that the system maps in."""
    memory = process.memory_info()
    return memory.rss - getattr(memory, "shared", 0)
