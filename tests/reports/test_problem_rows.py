import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Attempt, Problem
from experiments.reports.problem_rows import FILTERS, attempts_page, problem_rows
from tests.factories import make_run, make_sample

from .rows import finish_all, finish_attempt

pytestmark = pytest.mark.django_db


def only_row(run):
    attempts, _ = attempts_page(run, None, 10)
    (row,) = problem_rows(run, attempts)
    return row


def test_equal_answers_form_clusters_largest_first():
    run = make_run(n=6, problems=1)
    answers = [("wrong", "4"), ("correct", "3"), ("wrong", "4"), ("truncated", None), ("wrong", "5"), ("wrong", "4")]
    finish_attempt(run.attempts.get(), *answers)
    row = only_row(run)
    assert [(c.label, c.count, c.verdict) for c in row.clusters] == [
        ("4", 3, "wrong"),
        ("3", 1, "correct"),
        ("5", 1, "wrong"),
        ("cut off", 1, "truncated"),
    ]
    assert sum(c.share for c in row.clusters) == pytest.approx(1)
    assert [c.is_correct for c in row.clusters] == [False, True, False, False]
    assert row.pass_at_1 == pytest.approx(1 / 6)
    assert (row.problem, row.question, row.target, row.vote_margin, row.state) == ("p0", "0 + 3 =", "3", -2, "done")


@pytest.mark.parametrize(
    ("verdict", "label"),
    [
        ("unparsed", "no answer"),
        ("truncated", "cut off"),
        ("failed", "failed"),
        ("timed_out", "grader timed out"),
        (None, "not graded yet"),
    ],
)
def test_samples_without_an_answer_are_told_apart_by_their_reason(verdict, label):
    run = make_run(n=1, problems=1)
    make_sample(run.attempts.get(), verdict=verdict)
    (cluster,) = only_row(run).clusters
    assert (cluster.label, cluster.has_answer, cluster.count) == (label, False, 1)


def test_an_attempt_that_has_not_begun_is_an_empty_row():
    row = only_row(make_run(n=2, problems=1))
    assert (row.clusters, row.pass_at_1, row.n_samples, row.vote_margin, row.state) == ((), None, 0, None, "pending")


def test_a_long_question_becomes_one_line_that_keeps_its_start_and_its_end():
    run = make_run(n=1, problems=1)
    Problem.objects.update(question="How many\n\n  apples " + "and pears " * 50 + "are 7 and 5?")
    assert only_row(run).question == "How many apples and pears and … s and pears and pears and pears are 7 and 5?"


def test_pages_go_on_from_a_position_and_end():
    run = make_run(n=1, problems=5)
    first, after = attempts_page(run, None, 2)
    second, after_second = attempts_page(run, after, 2)
    last, end = attempts_page(run, after_second, 2)
    assert [attempt.position for attempt in first + second + last] == [0, 1, 2, 3, 4]
    assert (after, after_second, end) == (1, 3, None)


def test_filters_keep_the_attempts_worth_a_look():
    run = make_run(n=4, problems=4)
    agree, disagree, cut_off, pending = run.attempts.order_by("position")
    finish_attempt(agree, ("correct", "3"), n_answers=1, vote_margin=4)
    finish_attempt(disagree, ("correct", "3"), n_answers=3, vote_margin=-1)
    finish_attempt(cut_off, ("truncated", None), n_answers=1, vote_margin=-3, n_cut_off=1)

    def kept(chosen):
        return [attempt.pk for attempt in attempts_page(run, None, 10, chosen)[0]]

    assert kept("all") == [agree.pk, disagree.pk, cut_off.pk, pending.pk]
    assert kept("disagree") == [disagree.pk]
    assert kept("low_margin") == [disagree.pk]
    assert kept("cut_off") == [cut_off.pk]
    assert set(FILTERS) == {"all", "disagree", "low_margin", "cut_off"}


def test_another_runs_attempts_stay_out():
    run, other = make_run(n=1, problems=1), make_run(n=1, problems=1)
    finish_all(other, ("correct", "3"))
    assert [attempt.run_id for attempt in attempts_page(run, None, 10)[0]] == [run.pk]
    assert only_row(run).n_samples == 0


def test_a_page_of_any_size_takes_two_queries():
    run = make_run(n=2, problems=30)
    finish_all(run, ("correct", "3"), ("wrong", "4"))
    with CaptureQueriesContext(connection) as queries:
        attempts, _ = attempts_page(run, None, 30)
        rows = problem_rows(run, attempts)
    assert len(queries) == 2
    assert len(rows) == 30
    assert Attempt.objects.count() == 30
