import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Attempt, Grade, Problem, Sample, VerifierScore
from experiments.reports.pools import PoolStore, condition_pools
from tests.factories import make_run, make_sample, make_variant

from .rows import finish_all, finish_attempt

pytestmark = pytest.mark.django_db


def test_samples_become_arrays_in_the_order_they_were_asked_for():
    run = make_run(n=4, problems=1)
    attempt = run.attempts.get()
    for index, verdict, answer in [(3, "unparsed", None), (0, "wrong", "7"), (2, "wrong", "7"), (1, "correct", "3")]:
        make_sample(attempt, index, verdict=verdict, canonical=answer, mean_logprob=-float(index), completion_tokens=index)
    attempt.state = Attempt.State.DONE
    attempt.save()
    (condition,) = condition_pools(run)
    (pool,) = condition.pools
    assert pool.problem == "p0"
    assert pool.answers.tolist() == [0, 1, 0, -1]
    assert pool.correct.tolist() == [False, True, False, False]
    assert pool.tokens.tolist() == [0, 1, 2, 3]
    assert pool.scores["mean_logprob"].tolist() == [0, -1, -2, -3]


@pytest.mark.parametrize("verdict", ["failed", "truncated", "timed_out", "unparsed"])
def test_what_could_not_be_judged_keeps_its_place_without_an_answer(verdict):
    run = make_run(n=2, problems=1)
    finish_attempt(run.attempts.get(), ("correct", "3"), (verdict, None))
    (pool,) = condition_pools(run)[0].pools
    assert pool.answers.tolist() == [0, -1]
    assert pool.correct.tolist() == [True, False]


def test_problems_tell_their_cluster_where_their_data_has_one():
    run = make_run(n=1, problems=2)
    Problem.objects.filter(key="p0").update(metadata={"cluster": 7})
    for attempt in run.attempts.all():
        finish_attempt(attempt, ("correct", "3"))
    pools = {pool.problem: pool for pool in condition_pools(run)[0].pools}
    assert (pools["p0"].cluster, pools["p1"].cluster) == ("7", None)
    assert pools["p0"].read == ["3"]


def test_wrong_samples_that_had_named_the_right_answer_are_known():
    run = make_run(n=3, problems=1)  # 0 + 3 =
    make_dataset_ask_otherwise(run)
    attempt = run.attempts.get()
    for index, (text, verdict) in enumerate([("It is 3. No: 4", "wrong"), ("It is 4", "wrong"), ("It is 4. No: 3", "correct")]):
        make_sample(attempt, index, text, verdict)
    Attempt.objects.update(state=Attempt.State.DONE)
    (pool,) = condition_pools(run)[0].pools
    assert pool.left_behind.tolist() == [True, False, False]
    assert len(set(pool.wordings.tolist())) == 3


def make_dataset_ask_otherwise(run):
    """So that the question does not mention its answer."""
    Problem.objects.filter(dataset=run.experiment.dataset).update(question="1 + 2 =")


def test_a_sample_without_a_score_has_none():
    run = make_run(n=2, problems=1)
    first, second = finish_attempt(run.attempts.get(), ("correct", "3"), ("wrong", "4"))
    VerifierScore.objects.filter(sample=first).update(score=None)
    VerifierScore.objects.filter(sample=second).delete()
    (pool,) = condition_pools(run)[0].pools
    assert np.isnan(pool.scores["mean_logprob"]).all()


def test_another_graders_opinion_does_not_count():
    run = make_run(n=1, problems=1)
    (sample,) = finish_attempt(run.attempts.get(), ("correct", "3"))
    Grade.objects.create(run=run, sample=sample, grader="somebody else", verdict="wrong", score=0, canonical="9")
    (pool,) = condition_pools(run)[0].pools
    assert (pool.n, pool.correct.tolist()) == (1, [True])


def test_a_further_grader_who_judged_the_whole_pool_is_kept_beside():
    run = make_run(n=2, problems=2)
    first, second = run.attempts.order_by("position")
    whole, partly = (
        finish_attempt(first, ("correct", "3"), ("wrong", "4")),
        finish_attempt(second, ("correct", "3"), ("wrong", "4")),
    )
    for sample in (*whole, partly[0]):
        Grade.objects.create(run=run, sample=sample, grader="base tests", verdict="correct", score=1, canonical="9")
    pools = condition_pools(run)[0].pools
    assert pools[0].accepted["base tests"].tolist() == [True, True]
    assert pools[0].correct.tolist() == [True, False]
    assert pools[1].accepted == {}


def test_lengths_likelihoods_and_equal_texts_are_read_off_the_samples():
    run = make_run(n=3, problems=1)
    attempt = run.attempts.get()
    make_sample(attempt, 0, text="two words\n\nthree more words", mean_logprob=-0.5, completion_tokens=8)
    make_sample(attempt, 1, text="One. Two. Three.", mean_logprob=None, completion_tokens=4)
    make_sample(attempt, 2, text="two words\n\nthree more words", mean_logprob=-1.5, completion_tokens=8)
    Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.DONE)
    (pool,) = condition_pools(run)[0].pools
    assert pool.words.tolist() == [5, 3, 5]
    assert pool.steps.tolist() == [2, 3, 2]
    assert pool.texts.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(pool.mean_logprobs, [-0.5, np.nan, -1.5])
    np.testing.assert_array_equal(pool.logprob_sums, [-4, np.nan, -12])


def test_only_complete_attempts_are_pools_and_the_plan_is_told():
    run = make_run(n=1, problems=4)
    done, running, failed, _ = run.attempts.order_by("position")
    finish_attempt(done, ("correct", "3"))
    make_sample(running)
    Attempt.objects.filter(pk=running.pk).update(state=Attempt.State.RUNNING)
    Attempt.objects.filter(pk=failed.pk).update(state=Attempt.State.FAILED)
    (condition,) = condition_pools(run)
    assert [pool.problem for pool in condition.pools] == ["p0"]
    assert condition.attempts_planned == 4


def test_conditions_keep_their_own_pools_in_the_runs_order():
    run = make_run(n=1, problems=2, variants=[make_variant(name="plain"), make_variant(name="steps")])
    finish_all(run, ("correct", "3"))
    first, second = condition_pools(run)
    assert [first.label, second.label] == list(run.conditions.values_list("label", flat=True))
    assert [pool.problem for pool in first.pools] == [pool.problem for pool in second.pools] == ["p0", "p1"]


def test_an_update_loads_only_what_is_new_and_keeps_the_order_of_work():
    run = make_run(n=1, problems=3)
    first, second, third = run.attempts.order_by("position")
    store = PoolStore(run)
    finish_attempt(third, ("wrong", "9"))
    assert store.update() == 1
    (before,) = store.condition_pools()[0].pools
    finish_attempt(first, ("correct", "3"))
    finish_attempt(second, ("correct", "4"))
    assert store.update() == 2
    pools = store.condition_pools()[0].pools
    assert [pool.problem for pool in pools] == ["p0", "p1", "p2"]
    assert pools[2] is before
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert store.update() == 0
    assert len(queries) == 1


def test_many_attempts_take_few_queries():
    run = make_run(n=1, problems=60)
    finish_all(run, ("correct", "3"))
    with CaptureQueriesContext(connection) as queries:
        condition_pools(run)
    assert len(queries) <= 7
    assert Sample.objects.count() == 60
