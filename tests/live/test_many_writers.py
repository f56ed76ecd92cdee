"""Several workers store results of one run at once, and a reader who goes by cursor misses none and hears of none twice."""

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from experiments.domain.types import FinishReason
from experiments.models import Attempt, Grade, Run, Sample
from experiments.reports.changes import changes_since, head
from experiments.runner.storing import store
from tests.factories import make_run

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, GROUPS, ROWS = 4, 12, 9
# A writer that hangs holds the others up, so that a test which is wrong ends.
PATIENCE_SECONDS = 60


def rows(attempt: Attempt, first: int, n: int = ROWS) -> list[Sample]:
    fields = {"text": "3", "finish_reason": FinishReason.STOP.value, "seed": 1}
    draws = [{"request_hash": "f" * 32, "occurrence": place, "index": place} for place in range(first, first + n)]
    return [Sample(run_id=attempt.run_id, attempt=attempt, **fields, **draw) for draw in draws]


def store_graded(samples: list[Sample]) -> None:
    """As a worker does: the texts, and once they are stored their grades."""
    stored = store(samples, {}, {}).values()
    store([Grade(run_id=row.run_id, sample=row, grader="g", verdict=Grade.Verdict.CORRECT) for row in stored], {}, {})


@pytest.fixture
def writers():
    """Threads with connections of their own; what they raise is raised by the futures' results."""
    with ThreadPoolExecutor(WRITERS) as threads:

        def start(function, *arguments) -> Future:
            return threads.submit(and_leave, function, *arguments)

        yield start


def and_leave(function, *arguments):
    try:
        return function(*arguments)
    finally:
        connection.close()


def test_a_reader_hears_of_each_row_once_while_many_write(writers):
    run = make_run(n=GROUPS * ROWS, problems=WRITERS)

    def write(attempt: Attempt) -> None:
        for group in range(GROUPS):
            store_graded(rows(attempt, group * ROWS))

    writing = [writers(write, attempt) for attempt in run.attempts.all()]
    heard, cursor, is_over = Counter(), head(run.pk), False
    while not is_over:
        is_over = all(each.done() for each in writing)
        changes = changes_since(run.pk, cursor)
        heard.update([*(("sample", row) for row in changes.samples), *(("grade", row) for row in changes.grades)])
        cursor = changes.cursor
    for each in writing:
        each.result()
    stored = [("sample", pk) for pk in Sample.objects.values_list("pk", flat=True)]
    stored += [("grade", pk) for pk in Grade.objects.values_list("pk", flat=True)]
    assert len(stored) == 2 * WRITERS * GROUPS * ROWS
    assert heard == Counter(stored)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_transaction_that_stays_open_while_others_store_thousands_of_rows_is_not_missed(writers):
    """Its numbers are lower than those of rows that everybody can see long before its own."""
    run = make_run(n=ROWS, problems=2)
    slow, quick = run.attempts.all()
    elsewhere = make_run(experiment=run.experiment).attempts.first()
    is_written, may_end = Event(), Event()

    def write_slowly() -> None:
        with transaction.atomic():
            store(rows(slow, 0), {}, {})
            is_written.set()
            assert may_end.wait(PATIENCE_SECONDS)

    before = head(run.pk)
    first = writers(write_slowly)
    assert is_written.wait(PATIENCE_SECONDS)
    # Another run's writers are not held up; one of the same run comes after the slow one, as its numbers do.
    writers(store, rows(elsewhere, 0, 3000), {}, {}).result(PATIENCE_SECONDS)
    second = writers(store, rows(quick, 0), {}, {})
    passed_by = changes_since(elsewhere.run_id, head(elsewhere.run_id)).cursor.sample
    meanwhile = changes_since(run.pk, before)
    assert (meanwhile.samples, second.done()) == ({}, False)
    may_end.set()
    for each in (first, second):
        each.result(PATIENCE_SECONDS)
    told = changes_since(run.pk, meanwhile.cursor).samples
    assert list(told.values()) == [slow.pk] * ROWS + [quick.pk] * ROWS
    assert list(told)[ROWS - 1] < passed_by - 2000 < passed_by < list(told)[ROWS]


def test_two_workers_that_bring_the_same_draws_at_once_store_and_count_them_once(writers):
    run = make_run(n=GROUPS * ROWS, problems=1)
    attempt = run.attempts.get()
    for group in range(GROUPS):
        both = [writers(store, rows(attempt, group * ROWS), {}, {}) for _ in range(2)]
        assert len({row.pk for each in both for row in each.result(PATIENCE_SECONDS).values()}) == ROWS
    assert Run.objects.get(pk=run.pk).n_samples == Sample.objects.count() == GROUPS * ROWS
