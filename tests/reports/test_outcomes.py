"""What attempts chose and cost, read from their rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Attempt
from experiments.reports.outcomes import OutcomeStore
from experiments.reports.pools import condition_pools
from tests.factories import make_language_model, make_run, make_sample

from .rows import finish_all

pytestmark = pytest.mark.django_db


def make_comparison(strategies=("self_refine",), problems=1, **options):
    """A queued run of the pool and strategies on sums."""
    params = {"strategies": list(strategies), "pool_n": 4, **options}
    return make_run(problems=problems, study="test_time_compute", study_params=params)


def end(attempt: Attempt, chosen=None, **summary) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.DONE, chosen=chosen, **summary)


def outcomes(run) -> dict:
    """By strategy."""
    conditions = OutcomeStore(run).beside(condition_pools(run))
    return {condition.setting.strategy.name: list(condition.outcomes) for condition in conditions}


def attempt_of(run, strategy: str) -> Attempt:
    return run.attempts.get(condition__strategy=strategy)


@pytest.mark.parametrize(("verdict", "right"), [("correct", True), ("wrong", False), ("truncated", False), (None, False)])
def test_an_outcome_is_right_where_the_grader_found_the_chosen_sample_correct(verdict, right):
    run = make_comparison()
    attempt = attempt_of(run, "self_refine")
    make_sample(attempt, 0, verdict="wrong" if right else "correct")
    end(attempt, make_sample(attempt, 1, verdict=verdict), n_samples=2, trace={"kept": "the last"})
    (outcome,) = outcomes(run)["self_refine"]
    assert (outcome.problem, outcome.repeat, outcome.right, outcome.n_answers) == ("p0", 0, right, 2)
    assert outcome.trace == {"kept": "the last"}


def test_a_pool_leaves_the_choice_to_selectors_and_a_strategy_that_chose_nothing_was_wrong():
    run = make_comparison()
    for strategy in ("pool", "self_refine"):
        make_sample(attempt_of(run, strategy))
        end(attempt_of(run, strategy))
    found = outcomes(run)
    assert (found["pool"][0].right, found["self_refine"][0].right) == (None, False)


def test_every_text_is_paid_for_whatever_it_was_written_for():
    run = make_comparison()
    attempt = attempt_of(run, "self_refine")
    make_sample(attempt, 0, prompt_tokens=30, completion_tokens=5, n_calls=3, cost=0.5, seconds=1.5)
    make_sample(attempt, 1, purpose="feedback", prompt_tokens=50, cached_tokens=40, completion_tokens=7, cost=0.25, seconds=1)
    make_sample(attempt, 2, verdict=None, finish_reason="failed", completion_tokens=0, prompt_tokens=0, n_calls=2, cost=0.125)
    end(attempt)
    cost = outcomes(run)["self_refine"][0].cost
    assert (cost.samples, cost.calls, cost.seconds, cost.money) == (3, 6, 2.5, 0.875)
    assert (cost.prompt_tokens, cost.cached_tokens, cost.completion_tokens, cost.tokens) == (80, 40, 12, 52)
    assert cost.judging_tokens == 17


def test_judges_are_charged_to_the_strategy_that_asks_them_and_told_beside_for_a_pool():
    run = make_comparison(["best_of_n"], overrides={"best_of_n": {"choice": "highest_score"}})
    for strategy in ("pool", "best_of_n"):
        attempt = attempt_of(run, strategy)
        make_sample(attempt, 0, prompt_tokens=10, completion_tokens=5)
        make_sample(
            attempt,
            0,
            purpose="judge",
            verifier="mean_logprob",
            request_hash="1" * 32,
            verdict=None,
            prompt_tokens=20,
            completion_tokens=1,
        )
        end(attempt)
    found = outcomes(run)
    (pool,), (best,) = found["pool"], found["best_of_n"]
    assert (pool.cost.tokens, pool.judging.tokens, pool.judging.samples) == (15, 21, 1)
    assert (best.cost.tokens, best.judging.tokens, best.cost.judging_tokens) == (36, 0, 21)


def test_a_models_size_and_attention_make_flops_and_eflops():
    run = make_comparison()
    frozen = run.config["language_models"][0]
    frozen["n_parameters"] = 1000
    frozen["fingerprint"]["attention"] = {"n_heads": 2, "n_kv_heads": 1, "n_layers": 3, "head_size": 4}
    run.save()
    attempt = attempt_of(run, "pool")
    make_sample(attempt, prompt_tokens=10, completion_tokens=5)
    end(attempt)
    cost = outcomes(run)["pool"][0].cost
    assert cost.flops == 2 * 1000 * 15
    assert cost.attention_flops == 2 * 1000 * 5 + 2 * (2 * 10 + 5) * 5 * 2 * 12
    assert cost.kv_traffic == 2 * (2 * 10 + 5) * 5 * 1 * 12


def test_a_runtime_is_fitted_to_the_runs_own_seconds():
    run = make_comparison(pool_n=30)
    attempt = attempt_of(run, "pool")
    for index in range(30):
        prompt, completion = 100 * (1 + index % 3), 2 + index
        make_sample(
            attempt, index, prompt_tokens=prompt, completion_tokens=completion, seconds=0.01 * prompt + 0.05 * (completion - 1)
        )
    end(attempt)
    cost = outcomes(run)["pool"][0].cost
    assert cost.ideal_seconds == pytest.approx(cost.seconds)
    assert cost.prefill_tokens == pytest.approx(cost.prompt_tokens + 5 * cost.completion_tokens)


def test_few_texts_fit_no_runtime():
    run = make_comparison()
    make_sample(attempt_of(run, "pool"), seconds=1)
    end(attempt_of(run, "pool"))
    cost = outcomes(run)["pool"][0].cost
    assert (cost.ideal_seconds, cost.prefill_tokens) == (None, None)


def test_what_ended_is_read_once_and_many_attempts_take_few_queries():
    run = make_comparison(problems=30)
    finish_all(run, ("correct", "3"), ("wrong", "4"))
    store, pools = OutcomeStore(run), condition_pools(run)
    with CaptureQueriesContext(connection) as first:
        found = store.beside(pools)
    assert [len(condition.outcomes) for condition in found] == [30, 30]
    assert [outcome.problem for outcome in found[0].outcomes] == [pool.problem for pool in found[0].pools]
    assert len(first) <= 4
    with CaptureQueriesContext(connection) as again:
        store.beside(pools)
    assert len(again) == 1


def test_a_model_that_nobody_asked_yet_is_no_obstacle():
    run = make_run(language_models=[make_language_model(), make_language_model()])
    assert [list(condition.outcomes) for condition in OutcomeStore(run).beside(condition_pools(run))] == [[], []]
