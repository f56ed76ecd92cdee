"""/metrics: who may read it, that Prometheus can, and that it tells what is so."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from experiments.live.watching import Watched
from experiments.models import Attempt, Batch, Run, Worker
from experiments.models.vitals import Counts, EndpointVitals, Vitals
from tests.factories import make_language_model, make_run, make_user

pytestmark = pytest.mark.django_db
TOKEN = "a-token-for-prometheus"


@pytest.fixture(autouse=True)
def token(settings):
    settings.ASSAY_METRICS_TOKEN = TOKEN


def read(client: Client | None = None) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) -> value."""
    answer = (client or Client()).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            place = (sample.name, *(value for _, value in sorted(sample.labels.items())))
            assert place not in found, "each is told once"
            found[place] = sample.value
    return found


def make_worker(**fields) -> Worker:
    return Worker.objects.create(host="box", pid=1, process_started=0.0, **fields)


def test_only_the_token_and_administrators_may_read_it(settings):
    def status(client: Client, sent: str = "") -> int:
        return client.get("/metrics", headers={"Authorization": sent} if sent else {}).status_code

    def browser(role: str) -> Client:
        client = Client()
        client.force_login(make_user(role))
        return client

    assert [status(browser(role)) for role in ("viewer", "editor", "administrator")] == [401, 401, 200]
    assert [status(Client(), sent) for sent in ("", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"bearer {TOKEN}")] == [401] * 3 + [200]
    settings.ASSAY_METRICS_TOKEN = ""
    assert status(Client(), "Bearer ") == 401


def test_it_tells_runs_attempts_and_what_waits_by_language_model():
    first, second = make_language_model("first"), make_language_model("second")
    run = make_run(problems=5, language_models=[first, second])
    over = make_run(problems=3, language_models=[first])
    Run.objects.filter(pk=over.pk).update(state=Run.State.CANCELLED)
    Run.objects.filter(pk=run.pk).update(n_samples=1_000, completion_tokens=70_000, n_attempts_done=1, cost=0.25)
    worker = make_worker()
    run.start()
    claimed = Attempt.objects.filter(condition__language_model=first).claim(run, worker.pk, 2, 30)
    Attempt.objects.filter(pk=claimed[0].pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    found = read()
    assert found["assay_attempts_waiting", "first"] == 3
    assert found["assay_attempts_waiting", "second"] == 5
    assert (found["assay_runs", "running"], found["assay_runs", "cancelled"], found["assay_runs", "failed"]) == (1, 1, 0)
    assert (found["assay_worker_leases", "box", str(worker.pk)], found["assay_worker_leases_over", "box", str(worker.pk)]) == (
        2,
        1,
    )
    assert found["assay_stored_samples", "stored"] == 1_000
    assert found["assay_stored_tokens", "completion"] == 70_000
    assert found["assay_stored_attempts", "planned"] == 13
    assert found["assay_stored_cost",] == 0.25
    assert found["assay_database_up",] == 1


def test_it_tells_what_workers_told_with_their_heartbeat():
    endpoint = EndpointVitals(name="“m” at host", breaker="half open", n_under_way=3, n_waiting=40)
    counts = Counts(samples=12, completion_tokens=600, calls={"answered": 12, "429": 2}, facts=30, groups=3, delay_seconds=1.5)
    vitals = Vitals(version="0.1.0 abc", loop_lag_seconds=0.02, endpoints=[endpoint], counts=counts)
    worker = make_worker(vitals=vitals.model_dump(), clock_offset=-3600.0)
    place = ("box", str(worker.pk))
    found = read()
    assert found["assay_samples_total", *place] == 12
    assert found["assay_tokens_total", place[0], "completion", place[1]] == 600
    assert found["assay_calls_total", "429", *place] == 2
    assert (found["assay_writer_delay_seconds_sum", *place], found["assay_writer_delay_seconds_count", *place]) == (1.5, 30)
    assert (found["assay_writer_group_facts_sum", *place], found["assay_writer_group_facts_count", *place]) == (30, 3)
    assert found["assay_worker_clock_offset_seconds", *place] == -3600
    assert found["assay_worker_loop_lag_seconds", *place] == 0.02
    assert found["assay_worker_info", "box", "0.1.0 abc", place[1]] == 1
    where = ("“m” at host", "box")
    states = {state: found["assay_endpoint_breaker", *where, state, place[1]] for state in ("open", "half open", "closed")}
    assert states == {"open": 0, "half open": 1, "closed": 0}
    assert found["assay_endpoint_calls_waiting", *where, place[1]] == 40


def test_workers_of_other_versions_and_long_stopped_ones_do_no_harm():
    odd = make_worker(vitals={"loop_lag_seconds": 0.5, "invented_later": {"x": 1}})
    gone = make_worker(stopped_at=timezone.now() - timedelta(hours=1))
    just = make_worker(stopped_at=timezone.now(), vitals=Vitals(counts=Counts(samples=7)).model_dump())
    found = read()
    assert found["assay_worker_loop_lag_seconds", "box", str(odd.pk)] == 0.5
    assert not any(str(gone.pk) in place for place in found)
    assert found["assay_samples_total", "box", str(just.pk)] == 7, "its last counts are told a while longer"
    assert ("assay_worker_leases", "box", str(just.pk)) not in found


def test_batches_are_counted_by_queue():
    run = make_run()
    for queue in ("gpu", "gpu", "endpoint"):
        Batch.objects.create(run=run, queue=queue, language_model="m")
    found = read()
    assert found["assay_batches", "gpu", "placed"] == 2
    assert found["assay_batches", "endpoint", "placed"] == 1
    assert not any(name == "assay_broker_up" for name, *_ in found), "there is no broker here"


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    model = [make_language_model(f"model {number}") for number in range(5)]
    for _ in range(5):
        make_run(language_models=model)
        make_worker()
    with django_assert_max_num_queries(10):
        read()


async def test_a_web_process_counts_its_sockets_and_hands_on_how_it_feels():
    scopes, insides = [], []

    async def application(scope, receive, send):
        scopes.append(scope)
        insides.append(watched.vitals.n_sockets)
        if scope.get("breaks"):
            raise OSError

    watched = Watched(application)
    await watched({"type": "websocket"}, None, None)
    with pytest.raises(OSError):
        await watched({"type": "websocket", "breaks": True}, None, None)
    await watched({"type": "http"}, None, None)
    assert insides == [1, 1, 0]
    assert scopes[-1]["vitals"] is watched.vitals
    assert watched.vitals.n_followed_runs == 0
