"""The operations page: what it shows, what it calls stuck, and freeing it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import Attempt, AuditEntry, Batch, Call, LanguageModel, Run, Worker
from experiments.models.vitals import EndpointVitals, Vitals
from experiments.reports.operations import operations
from experiments.reports.stuck import typical_seconds
from tests.factories import make_run

pytestmark = pytest.mark.django_db


def make_worker(**fields) -> Worker:
    return Worker.objects.create(host="box", pid=1, process_started=0.0, **fields)


def ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def claim(run: Run, worker: Worker, n: int = 1, **fields) -> list[Attempt]:
    run.start()
    claimed = Attempt.objects.claim(run, worker.pk, n, 30)
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in claimed]).update(**fields)
    return claimed


@pytest.fixture
def worker():
    return make_worker()


def reasons() -> dict[int, str]:
    return {lease.attempt.pk: lease.stuck for lease in operations().leases}


def test_attempts_are_stuck_whose_lease_or_worker_is_gone(worker):
    run = make_run(problems=5)
    fine, over = claim(run, worker, 2)
    (silent,) = claim(run, make_worker(heartbeat_at=ago(100)))
    (stopped,) = claim(run, make_worker(stopped_at=ago(1)))
    (gone,) = claim(run, make_worker(stopped_at=ago(9_999)))
    Attempt.objects.filter(pk=over.pk).update(lease_until=ago(5))
    assert reasons() == {
        fine.pk: "",
        over.pk: "Its lease ran out and nobody took it over.",
        silent.pk: "Its worker was not heard of for 100 s.",
        stopped.pk: "Its worker has stopped.",
        gone.pk: "Its worker has stopped.",
    }
    assert {lease.attempt.pk for lease in operations().stuck} == {over.pk, silent.pk, stopped.pk, gone.pk}
    assert [bool(lease.stuck) for lease in operations().leases] == [True] * 4 + [False], "they come first"


def test_an_attempt_is_stuck_that_takes_much_longer_than_the_others_of_its_run(worker):
    run = make_run(problems=9)
    for seconds, attempt in zip((10, 20, 40, 50, 90), claim(run, worker, 5), strict=True):
        times = {"claimed_at": ago(1_000), "finished_at": ago(1_000 - seconds)}
        Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.DONE, **times)
    Run.objects.filter(pk=run.pk).update(n_attempts_done=5)
    (just,), (long,) = claim(run, worker, claimed_at=ago(399)), claim(run, worker, claimed_at=ago(420))
    run.refresh_from_db()
    assert typical_seconds(Attempt.objects.filter(run=run))[run.pk] == pytest.approx(40, abs=0.01)
    assert reasons()[just.pk] == ""
    assert reasons()[long.pk] == "It has been under way for 7 min; the run's latest attempts took 40.0 s (median)."
    Attempt.objects.filter(state=Attempt.State.DONE).first().delete()
    assert reasons()[long.pk] == "", "four that ended say too little"


def test_freeing_asks_first_then_gives_back_and_is_kept_in_the_audit_log(administrator, worker):
    run = make_run(problems=3)
    stuck, other = claim(run, worker, 2)
    address = f"/operations/free/?attempt={stuck.pk}"
    assert "Free 1 attempt?" in administrator.get(address).content.decode()
    assert Attempt.objects.get(pk=stuck.pk).state == Attempt.State.RUNNING
    answer = administrator.post("/operations/free/", {"attempt": [stuck.pk]}, follow=True)
    assert "1 freed." in answer.content.decode()
    stuck.refresh_from_db()
    assert (stuck.state, stuck.worker, stuck.lease_until) == (Attempt.State.PENDING, None, None)
    assert Attempt.objects.get(pk=other.pk).worker == worker
    entry = AuditEntry.objects.get(action=AuditEntry.Action.ATTEMPTS_FREED)
    assert (entry.user, entry.run, entry.details) == (administrator.user, run, {"attempts": [stuck.pk]})
    assert Attempt.objects.filter(pk=stuck.pk).finish(worker.pk, Attempt.State.DONE) == 0, "its worker cannot end it any more"


def test_what_is_not_under_way_cannot_be_freed(administrator, worker):
    run = make_run(problems=2)
    done, free = claim(run, worker, 2)
    Attempt.objects.filter(pk=done.pk).update(state=Attempt.State.DONE)
    answer = administrator.post("/operations/free/", {"attempt": [done.pk, free.pk]}, follow=True)
    assert "Nothing was freed" in answer.content.decode()
    assert Attempt.objects.get(pk=free.pk).state == Attempt.State.RUNNING
    assert administrator.get("/operations/free/?attempt=x").status_code == 302


def test_the_page_is_for_administrators(editor, viewer, administrator):
    assert [each.get("/operations/").status_code for each in (viewer, editor, administrator)] == [403, 403, 200]
    assert editor.post("/operations/free/", {"attempt": [1]}).status_code == 403
    assert 'href="/operations/"' in administrator.get("/").content.decode()
    assert 'href="/operations/"' not in editor.get("/").content.decode()


def test_polling_brings_only_the_sections_that_look_different(administrator, worker):
    first = administrator.get("/operations/")
    seen = [section["seen"] for section in first.context["sections"]]
    assert administrator.get("/operations/", {"seen": seen}, headers={"HX-Request": "true"}).status_code == 204
    claim(make_run(), worker)
    changed = administrator.get("/operations/", {"seen": seen}, headers={"HX-Request": "true"}).content.decode()
    for name in ("summary", "leases", "workers", "waiting"):
        assert f'id="operations-{name}" hx-swap-oob="true"' in changed
    assert "operations-endpoints" not in changed


def test_it_tells_why_runs_wait_and_how_endpoints_and_queues_stand(administrator, settings):
    settings.ASSAY_BROKER_URL = "redis://127.0.0.1:1/0"
    paused, queued = make_run(), make_run()
    paused.pause("“m” at host is down.", resume_at=timezone.now() + timedelta(seconds=60))
    assert [each.why for each in operations().waiting][1].startswith("No worker is alive.")
    down = EndpointVitals(name="“m” at host", breaker="open", seconds_until_asked=40.0, n_waiting=7)
    up = EndpointVitals(name="“m” at host", breaker="closed", n_under_way=2)
    for each in (down, up):
        make_worker(queues=["gpu"], vitals=Vitals(endpoints=[each], trouble="No space left: it is full.").model_dump())
    Batch.objects.create(run=queued, queue="gpu", language_model="m")
    Batch.objects.create(run=queued, queue="far away", language_model="n")
    attempt = queued.attempts.first()
    for number, status in enumerate((None, 429, 503)):
        ended = {"state": Call.State.FAILED if status else Call.State.ANSWERED, "status": status, "sent_at": timezone.now()}
        place = {"run": queued, "attempt": attempt, "language_model": LanguageModel.objects.first().name}
        Call.objects.create(key=str(number), occurrence=0, try_number=1, **place, **ended)
    now = operations()
    assert [(each.breaker, each.n_under_way, each.n_waiting, each.n_workers) for each in now.endpoints] == [("open", 2, 7, 2)]
    assert [(each.name, each.n_placed, each.n_serving) for each in now.queues] == [("far away", 1, 0), ("gpu", 1, 2)]
    assert now.calls[0].n == 3
    assert dict(now.calls[0].endings) == {"answered": 1, "429": 1, "5xx": 1}
    assert [each.why for each in now.waiting] == ["“m” at host is down.", "A worker takes it up when it comes to it."]
    page = administrator.get("/operations/").content.decode()
    for words in ("asked again within 40 s", "It goes on by itself at", "✕ none", "No space left: it is full.", "cannot write"):
        assert words in page
    assert now.storage.free_bytes > 0
    assert now.storage.database_bytes > 100_000


def test_it_asks_the_database_as_often_for_many_as_for_few(administrator, django_assert_max_num_queries):
    for number in range(6):
        run = make_run(problems=4)
        if number % 2:
            claim(run, make_worker(), 3)
    with django_assert_max_num_queries(14):
        assert administrator.get("/operations/").status_code == 200
