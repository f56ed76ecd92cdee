"""What a page is told since it last looked."""

import pytest

from experiments.models import Attempt, Run, Worker, WorkerDraft
from experiments.reports.changes import MOST_ROWS, Changes, Cursor, changes_since, head
from experiments.runner import presence
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run(n=4, problems=3)


def test_a_cursor_survives_the_way_through_a_page():
    cursor = Cursor(412, 398, 7, 96, 2)
    assert str(cursor) == "412-398-7-96-2"
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "garbage", ["", "1-2-3", "a-b-c-d-e", "-1-0-0-0-0", "1-2-3-4-5-6", "9" * 40 + "-0-0-0-0", "1-2-3-4-5\n", "١-2-3-4-5x"]
)
def test_garbage_is_no_cursor(garbage):
    assert Cursor.parse(garbage) is None


def test_a_run_without_samples_has_nothing_new(run):
    changes = changes_since(run.pk, head(run.pk))
    assert changes == Changes(head(run.pk), {}, {})


def test_new_samples_and_grades_name_their_attempts(run):
    first, second, _ = run.attempts.all()
    before = head(run.pk)
    graded = make_sample(first, 0)
    ungraded = make_sample(second, 0, verdict=None)
    changes = changes_since(run.pk, before)
    assert changes.samples == {graded.pk: first.pk, ungraded.pk: second.pk}
    assert changes.grades == {graded.grades.get().pk: first.pk}
    assert changes.attempts == [first.pk, second.pk]


def test_a_later_grade_brings_its_attempt_back(run):
    attempt = run.attempts.first()
    make_sample(attempt, 0, verdict=None)
    seen = changes_since(run.pk, Cursor())
    make_sample(attempt, 1)
    fresh = changes_since(run.pk, seen.cursor)
    assert list(fresh.samples) == [attempt.samples.get(index=1).pk]
    assert fresh.attempts == [attempt.pk]


def test_rows_of_other_runs_are_not_told(run):
    other = make_run(experiment=run.experiment)
    before = head(run.pk)
    make_sample(other.attempts.first())
    assert head(run.pk) == before


def test_state_and_drafts_have_flags_of_their_own(run):
    before = head(run.pk)
    run.pause()
    paused = changes_since(run.pk, before)
    assert (paused.run_changed, paused.draft_changed) == (True, False)
    WorkerDraft.objects.create(run=run, revision=1)
    drafted = changes_since(run.pk, paused.cursor)
    assert (drafted.run_changed, drafted.draft_changed) == (False, True)


def test_every_writers_drafts_change_the_cursor_and_a_dead_ones_never_turn_it_back(run):
    first, second = (presence.register() for _ in range(2))
    cursors = [head(run.pk)]
    for worker, texts in [(first, ["a"]), (second, ["b"]), (first, ["aa"])]:
        WorkerDraft.objects.overwrite(run.pk, worker.pk, texts)
        cursors.append(head(run.pk))
    presence.leave(first)
    cursors.append(head(run.pk))
    assert [cursor.draft for cursor in cursors] == [0, 1, 2, 3, 4]
    assert set(run.drafts.values_list("worker", flat=True).exclude(texts=[])) == {second.pk}
    Worker.objects.filter(pk=first.pk).delete()
    assert head(run.pk) == cursors[-1]


def test_an_attempt_that_failed_without_a_sample_is_told(run):
    attempt = run.attempts.last()
    before = head(run.pk)
    run.attempts.filter(pk=attempt.pk).update(state=Attempt.State.FAILED)
    Run.objects.filter(pk=run.pk).update(n_attempts_failed=1)
    assert changes_since(run.pk, before).attempts == [attempt.pk]


def test_a_cursor_from_another_life_of_the_database_asks_for_a_new_page(run):
    assert changes_since(run.pk, Cursor(sample=head(run.pk).sample + 1)) is None


def test_a_page_too_far_behind_asks_for_a_new_page(run):
    attempt = run.attempts.first()
    sample = make_sample(attempt, 0, verdict=None)
    type(sample).objects.bulk_create(copies(sample, MOST_ROWS))
    assert changes_since(run.pk, Cursor()) is None
    assert changes_since(run.pk, Cursor(sample=head(run.pk).sample - 10)) is not None


def copies(sample, n):
    for index in range(1, n + 1):
        sample.pk, sample.index, sample.occurrence = None, index, index
        yield type(sample)(**{field.attname: getattr(sample, field.attname) for field in sample._meta.concrete_fields})


def test_an_unknown_run_has_no_head(run):
    assert head(run.pk + 1000) is None
    assert changes_since(run.pk + 1000, Cursor()) is None


def test_looking_costs_one_query_when_nothing_is_new(run, django_assert_num_queries):
    cursor = head(run.pk)
    with django_assert_num_queries(1):
        changes_since(run.pk, cursor)
