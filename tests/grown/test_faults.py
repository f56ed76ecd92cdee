"""What happens to several hosts in the middle of a run: every attempt is done once, and the ledger explains the rest."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from experiments.management.local_servers import LocalPostgres, LocalRedis, ServersMissing
from tests.grown.hosts import Host, Hosts, HostsMissing, several_hosts
from tests.runner.processes import wait_until
from tests.site import ROOT

N_ATTEMPTS = 5000
CALLS_AT_ONCE = 24  # of all workers together
SECONDS_PER_ANSWER = 0.25
CUT_SECONDS = 30
# What every host of one lab is told alike.
SECRET = "the same on every host of this lab, as docs/deployment.md says"


@dataclass
class Lab:
    """One installation over six hosts, its run under way, and what was done to it."""

    hosts: Hosts
    base: Host
    web: Host
    endpoint: Host
    workers: list[Host]
    postgres: LocalPostgres
    redis: LocalRedis
    url: str
    run: int = 0
    faults: list[dict] = field(default_factory=list)

    def ask(self, query: str, *values) -> list[tuple]:
        """Asked by the test itself, in plain SQL."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(query, values).fetchall()

    def n_done(self) -> int:
        return self.ask("SELECT n_attempts_done FROM experiments_run WHERE id = %s", self.run)[0][0]

    def state(self) -> str:
        return self.ask("SELECT state FROM experiments_run WHERE id = %s", self.run)[0][0]

    def wait_for(self, n_done: int, seconds: float = 900) -> None:
        wait_until(lambda: self.n_done() >= n_done, seconds, every=0.2)

    def calls_under_way(self, host: Host) -> set[str]:
        """Keys of the calls that the host's workers have begun, as far as anybody else knows."""
        query = """SELECT key FROM experiments_call JOIN experiments_worker ON experiments_worker.id = worker_id
                   WHERE host = %s AND state = 'sent'"""
        return {key for (key,) in self.ask(query, host.name)}

    def note(self, fault: str, under_way: set[str] = frozenset()) -> None:
        earlier = set().union(*(each["under_way"] for each in self.faults))
        self.faults.append({"fault": fault, "under_way": under_way - earlier})

    def requests(self) -> list[dict]:
        """What the endpoint was asked."""
        entries = [json.loads(line) for line in (self.endpoint.folder / "requests").read_text().splitlines()]
        return [entry for entry in entries if entry["event"] == "asked"]


@pytest.fixture
def lab():
    try:
        with several_hosts() as hosts:
            base, web, endpoint, *workers = [hosts.add(name) for name in ("base", "web", "endpoint", "one", "two", "three")]
            with (
                LocalPostgres(base.folder / "postgres", 5432, base.address, inside=base.inside) as postgres,
                LocalRedis(base.folder / "redis", 6379, base.address, inside=base.inside) as redis,
            ):
                lab = Lab(hosts, base, web, endpoint, workers, postgres, redis, postgres.database_url("lab"))
                set_up(lab)
                yield lab
    except (HostsMissing, ServersMissing) as missing:
        pytest.skip(str(missing))


def set_up(lab: Lab) -> None:
    log = lab.endpoint.folder / "requests"
    lab.endpoint.start(
        *("-m", "tests.grown.counting_endpoint", lab.endpoint.address, "80", str(SECONDS_PER_ANSWER), str(log)),
    )
    command = ["-m", "tests.grown.laboratory", str(N_ATTEMPTS), f"http://{lab.endpoint.address}/v1", str(CALLS_AT_ONCE)]
    told = {**os.environ, **environment(lab, lab.web), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lab.run = int(done.stdout.split()[-1])


def environment(lab: Lab, host: Host) -> dict[str, str]:
    return {
        "ASSAY_DATA_DIR": str(host.folder),
        "DATABASE_URL": lab.url,
        "ASSAY_BROKER_URL": lab.redis.url,
        "ASSAY_SECRET_KEY": SECRET,
    }


def wrong_clock(host: Host) -> dict[str, str]:
    """Environment of a process whose clock is an hour ahead."""
    library = host.folder / "wrong_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("wrong_clock.c")], check=True)
    return {"LD_PRELOAD": str(library)}


def start_web(lab: Lab) -> None:
    serving = ("--host", lab.web.address, "--port", "80", "--lifespan", "off", "--log-level", "warning")
    lab.web.start(
        *("-m", "uvicorn", "webapp.asgi:application", *serving),
        **environment(lab, lab.web),
        ASSAY_ALLOWED_HOSTS=lab.web.address,
    )
    lab.web.start(*("-m", "celery", "--app", "webapp.celery", "--quiet", "beat"), **environment(lab, lab.web))


def start_worker(lab: Lab, host: Host, **more: str) -> None:
    host.start("manage.py", "worker", **environment(lab, host), **more)


def login_page(lab: Lab) -> int:
    """The web host's answer."""
    with urllib.request.urlopen(f"http://{lab.web.address}/login/", timeout=30) as response:
        return response.status


@pytest.mark.timeout(2400)
def test_a_run_over_several_hosts_survives_what_happens_to_them(lab, capsys):
    one, two, three = lab.workers
    began = time.monotonic()
    start_web(lab)
    start_worker(lab, one)
    start_worker(lab, two)
    start_worker(lab, three, **wrong_clock(three))

    lab.wait_for(N_ATTEMPTS // 10)
    one.pull_cable()
    time.sleep(1)  # what had left the host arrives
    lab.note("one host cut off for good", lab.calls_under_way(one))

    lab.wait_for(N_ATTEMPTS // 5)
    two.drop_everything()
    cut_at = time.monotonic()
    time.sleep(1)
    lab.note(f"another for {CUT_SECONDS} s", lab.calls_under_way(two))

    lab.redis.stop()
    lab.redis.start()
    lab.note("Redis restarted")
    time.sleep(max(0.0, cut_at + CUT_SECONDS - time.monotonic()))
    two.mend()

    lab.wait_for(N_ATTEMPTS // 2)
    lab.redis.stop(kill=True)
    shutil.rmtree(lab.redis.folder)
    lab.redis.start()
    lab.note("Redis restarted without its memory")

    lab.wait_for(N_ATTEMPTS * 6 // 10)
    under_way = set().union(*map(lab.calls_under_way, (two, three)))
    lab.postgres.stop()
    time.sleep(3)
    lab.postgres.start()
    lab.note("PostgreSQL restarted", under_way)

    wait_until(lambda: lab.state() == "completed", 900, every=0.3)
    seconds = time.monotonic() - began
    assert login_page(lab) == 200
    with capsys.disabled():
        print(f"\n{report(lab, seconds)}")
    check_everything_once(lab)
    check_the_ledger(lab)
    check_the_wrong_clock(lab)


def check_everything_once(lab: Lab) -> None:
    """Every attempt is done with one sample, graded right, and the run's counters agree."""
    assert dict(lab.ask("SELECT state, count(*) FROM experiments_attempt GROUP BY state")) == {"done": N_ATTEMPTS}
    per_attempt = lab.ask("SELECT count(*) FROM experiments_sample GROUP BY attempt_id")
    assert Counter(per_attempt) == {(1,): N_ATTEMPTS}
    assert lab.ask("SELECT verdict, count(*) FROM experiments_grade GROUP BY verdict") == [("correct", N_ATTEMPTS)]
    columns = "n_attempts_done, n_samples, n_graded, n_correct, n_samples_failed, prompt_tokens, completion_tokens"
    counted = lab.ask(f"SELECT {columns} FROM experiments_run")[0]
    assert counted == (N_ATTEMPTS, N_ATTEMPTS, N_ATTEMPTS, N_ATTEMPTS, 0, 12 * N_ATTEMPTS, 5 * N_ATTEMPTS)
    books = lab.ask("SELECT n_calls, cost FROM experiments_run")[0]
    assert books == lab.ask("SELECT count(*), sum(cost) FROM experiments_call")[0]


def check_the_ledger(lab: Lab) -> None:
    """Each request has a row, each row a request; what was asked twice was under way when a host was cut."""
    rows = ledger(lab)
    assert len({row.attempt for row in rows if row.is_used}) == N_ATTEMPTS
    cuts = Counter(attempt for fault in lab.faults for attempt in under_way(fault, rows))
    asked_again = Counter(row.attempt for row in rows if not row.is_used)
    too_often = asked_again - cuts
    assert not too_often, f"more than once for each cut: {[row for row in rows if row.attempt in too_often]}"

    requests = lab.requests()
    assert {row.request_id for row in rows if row.request_id} <= {request["id"] for request in requests}
    asked = Counter(request["question"] for request in requests)
    booked = Counter(f"What is {row.question}" for row in rows)
    assert asked <= booked, "the ledger names every request"
    excused = Counter(f"What is {row.question}" for row in rows if row.attempt in cuts)
    assert booked - asked <= excused, "a row without a request was written in the moment of a cut"


def check_the_wrong_clock(lab: Lab) -> None:
    """It was wrong, that host worked all the same, and no time of it was stored."""
    ((offset,),) = lab.ask("SELECT clock_offset FROM experiments_worker WHERE host = 'three'")
    assert abs(offset + 3600) < 60
    ((n_calls, latest),) = lab.ask(
        """SELECT count(*), max(sent_at) - now() FROM experiments_call
           JOIN experiments_worker ON experiments_worker.id = worker_id WHERE host = 'three' AND state = 'answered'"""
    )
    assert n_calls > 0
    assert latest.total_seconds() < 1


class Row(NamedTuple):
    """A call in the ledger; `is_used`: the stored sample is its answer."""

    key: str
    host: str
    attempt: int
    question: str
    state: str
    request_id: str
    is_used: bool


def ledger(lab: Lab) -> list[Row]:
    found = lab.ask(
        """SELECT call.key, worker.host, attempt.id, question, call.state, call.request_id, sample.id IS NOT NULL
           FROM experiments_call call
           JOIN experiments_attempt attempt ON attempt.id = call.attempt_id
           JOIN experiments_worker worker ON worker.id = call.worker_id
           JOIN experiments_problem problem ON problem.id = attempt.problem_id
           LEFT JOIN experiments_sample sample ON sample.request_id = call.request_id AND call.request_id <> ''"""
    )
    return [Row(*each) for each in found]


def under_way(fault: dict, rows: list[Row]) -> set[int]:
    """The attempts whose calls were under way."""
    return {row.attempt for row in rows if row.key in fault["under_way"]}


def report(lab: Lab, seconds: float) -> str:
    """What a reader of the docs wants to know."""
    rows = ledger(lab)
    lines = [
        f"{N_ATTEMPTS} attempts in {seconds:.0f} s: {len(lab.requests())} requests, {len(rows)} rows in the ledger",
        f"{'fault':<40}{'under way':>10}{'repeated':>10}   states of those whose answer was not used",
    ]
    for fault in lab.faults:
        cut = under_way(fault, rows)
        states = Counter(row.state for row in rows if row.attempt in cut and not row.is_used)
        told = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
        lines.append(f"{fault['fault']:<40}{len(cut):>10}{states.total():>10}   {told}")
    return "\n".join(lines)
