"""`kill -9` in the middle of 500 paid calls: only those under way are asked again, and the ledger names them with their cost."""

import random
import time

import pytest

from experiments.models import Call, Run, Sample
from tests.factories import make_run
from tests.runner.paying import COST, check_books, make_paid_experiment
from tests.runner.processes import WorkerProcess, wait_until
from tests.servers.threads import answering, served

pytestmark = pytest.mark.django_db(transaction=True)

N = 500
AT_ONCE = 32


def test_a_kill_among_500_paid_calls_repeats_only_what_was_under_way(tmp_path):
    with served(answering(seconds=0.1)) as server:
        options = {"max_concurrency": AT_ONCE}
        run = make_run(make_paid_experiment(server, options, n=10, problems=N // 10))
        with WorkerProcess(tmp_path / "requests.jsonl") as worker:
            wait_until(lambda: Sample.objects.count() > N // 4)
            time.sleep(random.Random(4).uniform(0, 0.2))
            worker.kill()
        under_way = set(Call.objects.under_way().values_list("key", flat=True))
        answered_before = Call.objects.filter(state="answered").count()
        assert 0 < len(under_way) <= AT_ONCE
        assert answered_before == Sample.objects.count() < N

        with WorkerProcess(tmp_path / "requests.jsonl", "--until-idle") as worker:
            assert worker.process.wait(60) == 0
        n_asked = len(server.requests)

    check_books(run)
    assert (run.state, run.n_samples) == (Run.State.COMPLETED, N)
    lost = Call.objects.filter(state="lost")
    assert set(lost.values_list("key", flat=True)) == under_way
    assert all(call.cost == call.most_cost > 0 and call.usage_is_estimated and call.note for call in lost)
    assert Call.objects.filter(state="answered").count() == N
    assert Call.objects.count() == N + len(under_way)
    # A call may have been killed between its row and its way out.
    assert N <= n_asked <= N + len(under_way)
    assert run.cost == N * COST + sum(call.most_cost for call in lost)
    draws = {(call.attempt_id, call.request_hash, call.occurrence) for call in lost}
    assert len(draws) == len(under_way), "each of them names the sample it was for"
