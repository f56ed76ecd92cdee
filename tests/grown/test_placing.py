"""Celery places the work of a lab over real servers: nothing is done twice, nothing is lost, and users take turns."""

import shutil

import pytest
import redis as redis_client

from experiments.management.local_servers import data_folder
from tests.grown.placed_lab import PlacedLab
from tests.runner.processes import wait_until


@pytest.fixture(scope="module")
def lab(postgres, redis):
    folder = data_folder("assay-placed-")
    with PlacedLab(postgres.database_url("placed"), redis.url, folder) as lab:
        lab.workers = [lab.start_worker(), lab.start_worker()]
        lab.start_beat()
        lab.wait_for_workers(2)
        yield lab
    shutil.rmtree(folder, ignore_errors=True)


def every_attempt_once(lab, run: int) -> bool:
    """Done, with each of its samples once."""
    query = """SELECT count(*) FROM experiments_attempt WHERE run_id = %s AND (state <> 'done' OR n_samples <>
               (SELECT count(*) FROM experiments_sample WHERE attempt_id = experiments_attempt.id))"""
    return lab.ask(query, run) == [(0,)]


def test_a_run_completes_over_two_workers_with_every_attempt_taken_once(lab):
    (run,) = lab.start_runs({"user": "ann", "n": 2, "problems": 60}, seconds_per_token=0.02, max_in_flight=4)
    lab.wait_for_state(run, "completed")
    assert every_attempt_once(lab, run)
    per_worker = lab.ask("SELECT count(*), max(tries) FROM experiments_attempt WHERE run_id = %s GROUP BY worker_id", run)
    assert [tries for _, tries in per_worker] == [1, 1]
    assert sum(n for n, _ in per_worker) == 60
    wait_until(lambda: lab.n_batches(run) == 0)


def test_attempts_that_a_worker_claimed_without_hearing_of_it_are_done_all_the_same(lab):
    (run,) = lab.start_runs({"user": "ann", "n": 2, "problems": 60}, seconds_per_token=0.02, max_in_flight=4)
    wait_until(lambda: lab.n_done(run) > 2, 60)
    claimed = """UPDATE experiments_attempt SET state = 'running', lease_until = now() + interval '3 seconds',
                 worker_id = (SELECT min(id) FROM experiments_worker WHERE stopped_at IS NULL)
                 WHERE id IN (SELECT id FROM experiments_attempt WHERE run_id = %s AND state = 'pending'
                              LIMIT 9 FOR UPDATE SKIP LOCKED)
                 RETURNING id"""
    assert len(lab.ask(claimed, run)) == 9
    lab.wait_for_state(run, "completed")
    assert every_attempt_once(lab, run)


def test_pause_and_cancel_reach_attempts_under_way_and_batches_that_wait(lab):
    (run,) = lab.start_runs({"user": "ann", "n": 4, "problems": 400}, seconds_per_token=0.05, max_in_flight=4)
    wait_until(lambda: lab.n_done(run) > 2, 60)
    assert lab.move(run, "pause")
    wait_until(lambda: lab.attempts(run, "running") == 0 and lab.n_batches(run) == 0, 60)
    done = lab.n_done(run)
    assert lab.state(run) == "paused"
    assert done < 400
    assert lab.move(run, "resume")
    wait_until(lambda: lab.n_done(run) > done, 60)
    assert lab.move(run, "cancel")
    wait_until(lambda: lab.attempts(run, "running") == 0 and lab.n_batches(run) == 0, 60)
    assert lab.state(run) == "cancelled"


def test_a_user_with_ten_times_the_work_does_not_get_ten_times_the_share(lab):
    many = [{"user": "ann", "n": 1, "problems": 60}] * 10
    *of_ann, of_bob = lab.start_runs(*many, {"user": "bob", "n": 1, "problems": 60}, seconds_per_token=0.1, max_in_flight=4)
    wait_until(lambda: lab.n_done(of_bob) > 45, 120, every=0.1)
    n_of_ann = sum(map(lab.n_done, of_ann))
    # Even shares would be about 46; shares by run about 460.
    assert 15 < n_of_ann < 140
    for run in [*of_ann, of_bob]:
        lab.move(run, "cancel")


def test_a_run_survives_a_broker_that_forgot_everything_and_a_killed_worker(lab, redis):
    (run,) = lab.start_runs({"user": "ann", "n": 2, "problems": 120}, seconds_per_token=0.05, max_in_flight=4)
    wait_until(lambda: lab.n_done(run) > 5, 60)
    redis_client.Redis.from_url(redis.url).flushall()
    lab.workers[0].kill()
    lab.wait_for_state(run, "completed")
    assert every_attempt_once(lab, run)
    assert lab.ask("SELECT max(tries) FROM experiments_attempt WHERE run_id = %s", run)[0][0] <= 2


def test_a_run_whose_only_message_got_lost_before_anybody_worked_is_found(lab, redis):
    for worker in lab.workers:
        worker.terminate()
        worker.wait(60)
    (run,) = lab.start_runs({"user": "ann", "n": 1, "problems": 3})
    redis_client.Redis.from_url(redis.url).flushall()
    lab.start_worker()
    lab.wait_for_state(run, "completed")
