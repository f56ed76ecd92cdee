"""Batches in the database and their messages, on a broker inside this process."""

from datetime import timedelta

import pytest
from celery import current_app
from django.db.models.functions import Now

from experiments.models import Attempt, Batch, Run, TruthTest, Worker
from experiments.runner import broker, placing
from experiments.runner.errands import waiting
from experiments.runner.queues import ERRANDS, PLACING
from experiments.runner.routes import known_queues, routes_of
from tests.factories import make_language_model, make_run

QUEUE = "scripted"


@pytest.fixture(autouse=True)
def placed(db, settings):
    """Celery is on, with a broker that forgets everything after each test."""
    settings.ASSAY_BROKER_URL = "memory://"
    routes_of.cache_clear()  # tests use the same numbers for other runs
    yield
    with current_app.connection_for_write() as connection:
        for queue in (QUEUE, PLACING, ERRANDS, f"{QUEUE}.{ERRANDS}"):
            connection.default_channel.queue_purge(queue)


def n_messages(queue: str = QUEUE) -> int:
    return broker.lengths([queue])[queue]


def make_worker(*queues: str, **fields) -> Worker:
    return Worker.objects.create(host="here", pid=1, process_started=0, queues=[QUEUE, *queues], **fields)


def test_a_run_gets_as_many_batches_as_the_workers_take_and_each_is_sent_once():
    make_worker()
    make_worker()
    run = make_run(problems=20)
    placing.place()
    placing.place()
    assert Batch.objects.filter(run=run, queue=QUEUE).count() == 2 * placing.AT_ONCE == n_messages()


def test_no_more_batches_than_attempts_and_one_where_nobody_listens_yet():
    run = make_run(problems=9)
    placing.place()
    assert Batch.objects.filter(run=run).count() == 1
    for _ in range(5):
        make_worker()
    placing.place()
    assert Batch.objects.filter(run=run).count() == 9


def test_a_batch_is_taken_by_the_first_message_that_arrives():
    worker, run = make_worker(), make_run()
    placing.place()
    batch = Batch.objects.filter(run=run).first()
    assert Batch.objects.take(batch.pk, worker.pk) == batch
    assert Batch.objects.take(batch.pk, worker.pk) is None


def test_a_worker_whose_answer_was_lost_takes_its_batch_again():
    worker, other, run = make_worker(), make_worker(), make_run()
    placing.place()
    batch = Batch.objects.filter(run=run).first()
    assert Batch.objects.take(batch.pk, worker.pk) == batch
    assert Batch.objects.take(batch.pk, other.pk, again=True) is None
    assert Batch.objects.take(batch.pk, worker.pk, again=True) == batch
    Batch.objects.close(batch.pk)
    assert Batch.objects.take(batch.pk, worker.pk, again=True) is None


def test_a_message_that_nobody_took_for_long_is_sent_again_and_then_less_often():
    make_worker()
    make_run(problems=1)
    placing.place()
    for seconds, n in ((14, 1), (16, 2), (16, 2), (31, 3)):
        Batch.objects.update(sent_at=Now() - timedelta(seconds=seconds))
        placing.place()
        assert n_messages() == n


def test_a_closing_batch_makes_room_for_the_next():
    worker, run = make_worker(), make_run(problems=20)
    placing.place()
    taken = Batch.objects.take(Batch.objects.first().pk, worker.pk)
    placing.place()
    assert Batch.objects.filter(run=run).count() == placing.AT_ONCE
    Batch.objects.close(taken.pk)
    placing.place()
    assert Batch.objects.filter(run=run).count() == placing.AT_ONCE + 1


@pytest.mark.parametrize("sign", ["it said goodbye", "it fell silent"])
def test_batches_of_a_worker_that_is_gone_are_made_up(sign):
    gone, run = make_worker(), make_run(problems=20)
    placing.place()
    for batch in Batch.objects.all():
        Batch.objects.take(batch.pk, gone.pk)
    changes = {"stopped_at": Now()} if sign == "it said goodbye" else {"heartbeat_at": Now() - timedelta(seconds=40)}
    Worker.objects.filter(pk=gone.pk).update(**changes)
    make_worker()
    placing.place()
    assert set(Batch.objects.filter(run=run).values_list("state", "worker")) == {(Batch.State.PLACED, None)}


@pytest.mark.parametrize("verb", [Run.pause, Run.cancel])
def test_batches_that_wait_go_when_their_run_stops(verb):
    make_worker()
    run = make_run()
    placing.place()
    verb(run)
    placing.place()
    assert not Batch.objects.exists()


def test_a_pause_that_ends_by_itself_ends_when_work_is_placed():
    make_worker()
    run = make_run()
    run.pause("The endpoint is down.", resume_at=run.created_at)
    placing.place()
    assert Batch.objects.filter(run=run).exists()


def test_a_run_whose_attempts_are_all_under_way_gets_no_batch_but_one_that_nobody_ended_does():
    worker, run = make_worker(), make_run()
    Attempt.objects.filter(run=run).update(state=Attempt.State.RUNNING, worker=worker, lease_until=Now() + timedelta(seconds=30))
    placing.place()
    assert not Batch.objects.exists()
    Attempt.objects.filter(run=run).update(state=Attempt.State.DONE)
    placing.place()
    assert Batch.objects.filter(run=run).count() == 1


@pytest.mark.parametrize("grader", [{"name": "one that is gone", "params": {}, "key": "gone"}, {}])
def test_a_run_that_cannot_be_read_goes_to_any_worker_to_be_failed(grader):
    run = make_run()
    run.config["grader"] = grader
    run.save()
    other = make_run()
    placing.place()
    assert set(Batch.objects.values_list("run", "queue")) == {(run.pk, ERRANDS), (other.pk, QUEUE)}


def test_a_broker_that_is_away_fails_nobody_and_gets_the_messages_later(monkeypatch):
    make_worker()
    run = make_run(problems=2)

    def refuse(*_, **__):
        raise ConnectionRefusedError("nobody listens on port 6379")

    with monkeypatch.context() as away:
        away.setattr(current_app, "send_task", refuse)
        placing.place()
    assert set(Batch.objects.values_list("run", "sent_at")) == {(run.pk, None)}
    placing.place()
    assert n_messages() == 2


def test_a_new_run_asks_for_a_place_when_it_is_stored(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make_run()
    assert n_messages(PLACING) == 1


def test_an_errand_is_told_to_those_who_can_do_it_until_it_is_taken():
    entry = make_language_model()
    test = TruthTest.objects.request(entry, None)
    placing.place()
    assert n_messages(f"{QUEUE}.{ERRANDS}") == 0  # nobody listens
    worker = make_worker()
    placing.place()
    placing.place()
    assert n_messages(f"{QUEUE}.{ERRANDS}") == 2
    assert [(each.kind, each.pk) for each in waiting()] == [("truth_test", test.pk)]
    TruthTest.objects.claim(worker.pk)
    assert waiting() == []


def test_work_for_a_local_model_goes_to_machines_that_have_its_file():
    local = make_language_model()
    local.backend, local.params = "llama_cpp", {}
    local.save()
    run = make_run(language_models=[local])
    (route,) = routes_of(run.pk)
    assert route.files == (local_file(route),)
    assert route.queue in known_queues()
    Batch.objects.create(run=run, language_model="m", queue="local.other.gguf", files=["other.gguf"])
    assert "local.other.gguf" not in known_queues()


def local_file(route) -> str:
    return route.queue.removeprefix("local.")


def test_each_endpoint_has_a_queue_of_its_own():
    first, second = (make_language_model(name=url) for url in ("https://one.example.org/v1", "https://two.example.org/v1"))
    for entry in (first, second):
        entry.backend, entry.params = "openai_api", {"base_url": entry.name, "model": "m"}
        entry.save()
    queues = {queue for queue in known_queues() if queue.startswith("endpoint.")}
    assert [queue.rpartition(".")[0] for queue in sorted(queues)] == ["endpoint.one.example.org", "endpoint.two.example.org"]
