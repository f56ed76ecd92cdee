"""`kill -9` at random moments of a run loses nothing that was stored and asks for nothing twice."""

import random
import time

import pytest

from experiments.models import Attempt, Finding, Grade, Run, Sample, VerifierScore
from experiments.reports.findings import FindingsRefresher
from tests.factories import make_language_model, make_run
from tests.runner.processes import WorkerProcess, read_requests, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = 10


def state_of(run: Run) -> str:
    return Run.objects.values_list("state", flat=True).get(pk=run.pk)


def check_nothing_was_lost_or_asked_twice(run: Run, n: int, request_log) -> None:
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    attempts = Attempt.objects.filter(run=run)
    assert {attempt.samples.count() for attempt in attempts} == {n}
    assert all(sorted(attempt.samples.values_list("index", flat=True)) == list(range(n)) for attempt in attempts)
    assert set(attempts.values_list("state", "n_samples")) == {("done", n)}
    assert run.n_samples == n * attempts.count()

    stored_at = {
        (str(sample.attempt_id), sample.request_hash, sample.occurrence): sample.created_at.timestamp()
        for sample in Sample.objects.filter(run=run)
    }
    asked = read_requests(request_log)
    too_late = [each for each in asked if each["time"] > stored_at[each["attempt"], each["request_hash"], each["occurrence"]]]
    assert not too_late
    assert len({(each["attempt"], each["request_hash"], each["occurrence"], each["seed"]) for each in asked}) == len(stored_at)
    assert Grade.objects.filter(run=run).count() == VerifierScore.objects.filter(sample__run=run).count() == len(stored_at)


def findings_of(run: Run) -> list[dict]:
    rows = Finding.objects.filter(run=run).order_by("position")
    return list(rows.values("position", "key", "title", "sentence", "estimates", "figure", "details"))


def check_findings_are_those_of_an_undisturbed_run(run: Run) -> None:
    after_kills = findings_of(run)
    assert after_kills
    Finding.objects.filter(run=run).delete()
    FindingsRefresher(run.pk).refresh()
    assert findings_of(run) == after_kills


def test_ten_kills_of_the_worker(tmp_path):
    n, moments = 16, random.Random(2)
    answers = [f"Let me think about it. The answer is {i}." for i in (3, 4, 5)]
    script = make_language_model(answers=answers, seconds_per_token=0.06, max_in_flight=16)
    run = make_run(n=n, problems=30, language_models=[script])
    log = tmp_path / "requests.jsonl"
    for _ in range(KILLS):
        with WorkerProcess(log) as worker:
            before = Sample.objects.count()
            wait_until(lambda before=before: Sample.objects.count() > before)
            time.sleep(moments.uniform(0, 0.4))
            worker.kill()
        assert state_of(run) == Run.State.RUNNING, "the run must outlast the kills"
    assert len({each["pid"] for each in read_requests(log)}) == KILLS
    with WorkerProcess(log, "--until-idle") as worker:
        assert worker.process.wait(60) == 0
    check_nothing_was_lost_or_asked_twice(run, n, log)
    check_findings_are_those_of_an_undisturbed_run(run)
