"""Any strategy that is killed in mid-run goes on by replay: nothing is asked for twice, and it ends as if undisturbed."""

import random
import time

import pytest

from experiments.models import Attempt, Run, Sample
from experiments.runner.planning import create_run
from experiments.strategies.base import strategies
from tests.factories import make_language_model
from tests.runner.processes import WorkerProcess, read_requests, wait_until
from tests.runner.working import work_until_idle
from tests.strategies.small import make_experiment_with_all_strategies

pytestmark = pytest.mark.django_db(transaction=True)

STEP = '{"title": "add", "content": "count on", "next_action": "continue"}'
ANSWERS = [
    f"{start}\n\n{middle} then.\n\nThe answer is {number}."
    for start in ("Count", "Let us add")
    for middle in ("So", "And so it is")
    for number in (3, 4)
]
KILLS = 3


def in_mid_run(run: Run) -> set[str]:
    """Strategies with an attempt that has begun and not ended."""
    return set(Attempt.objects.filter(run=run, state=Attempt.State.RUNNING).values_list("condition__strategy", flat=True))


def told(run: Run) -> dict[str, tuple]:
    """By strategy: what was chosen, what was done, and everything that was written."""
    rows = {}
    for attempt in Attempt.objects.filter(run=run).select_related("condition", "chosen"):
        written = attempt.samples.order_by("purpose", "index").values_list(
            "purpose", "index", "request_hash", "occurrence", "prefix", "text", "parent__index"
        )
        handed_in = attempt.samples.filter(grades__isnull=False).order_by("index").values_list("index", flat=True)
        chosen = attempt.chosen and (attempt.chosen.index, attempt.chosen.prefix + attempt.chosen.text)
        rows[attempt.condition.strategy] = (attempt.state, chosen, attempt.trace, list(written), list(handed_in))
    return rows


def make_run_of_all(seconds_per_token: float) -> Run:
    """Everything begins at once."""
    script = make_language_model(
        answers=[*ANSWERS, STEP],
        rules={"as one JSON object": [STEP, "Hm."]},
        scores_texts=True,
        seconds_per_token=seconds_per_token,
        max_in_flight=4000,
    )
    return create_run(make_experiment_with_all_strategies(language_models=[script]), None)


def test_every_strategy_survives_kills(tmp_path):
    run, log, moments = make_run_of_all(seconds_per_token=0.03), tmp_path / "requests.jsonl", random.Random(3)
    killed: set[str] = set()
    for _ in range(KILLS):
        with WorkerProcess(log) as worker:
            before = Sample.objects.count()
            wait_until(lambda before=before: Sample.objects.count() > before + 40)
            time.sleep(moments.uniform(0, 0.3))
            worker.kill()
        killed |= in_mid_run(run)
    assert killed == set(strategies.names())
    with WorkerProcess(log, "--until-idle") as worker:
        assert worker.process.wait(120) == 0

    undisturbed = make_run_of_all(seconds_per_token=0)
    work_until_idle()
    for each in (run, undisturbed):
        each.refresh_from_db()
        assert (each.state, each.reason) == (Run.State.COMPLETED, "")
    after_kills, otherwise = told(run), told(undisturbed)
    for name in strategies.names():
        assert after_kills[name] == otherwise[name], name
    check_nothing_was_asked_twice(run, read_requests(log))


def check_nothing_was_asked_twice(run: Run, asked: list[dict]) -> None:
    stored_at = {
        (str(sample.attempt_id), sample.request_hash, sample.occurrence): sample.created_at.timestamp()
        for sample in Sample.objects.filter(run=run)
    }
    again = [each for each in asked if each["time"] > stored_at[each["attempt"], each["request_hash"], each["occurrence"]]]
    assert not again
