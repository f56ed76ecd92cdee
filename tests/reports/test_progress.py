from datetime import UTC, datetime, timedelta

import pytest

from experiments.models import Run
from experiments.reports.progress import progress

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def running(**fields):
    """A run that is half done after 100 busy seconds; nothing touches the database."""
    defaults = {
        "state": Run.State.RUNNING,
        "started_at": NOW - timedelta(seconds=160),
        "config": {"language_models": [{"name": "m", "n_parameters": 1000}]},
        "n_attempts": 10,
        "n_samples_planned": 100,
        "n_attempts_done": 4,
        "n_samples": 50,
        "n_graded": 48,
        "n_correct": 20,
        "n_unparsed": 3,
        "n_grader_timeouts": 1,
        "n_cut_off": 4,
        "n_samples_failed": 2,
        "prompt_tokens": 900,
        "cached_tokens": 600,
        "completion_tokens": 2000,
        "busy_seconds": 100.0,
    }
    return Run(**{**defaults, **fields})


def test_the_bar_shows_correct_wrong_and_what_could_not_be_judged():
    now = progress(running(), NOW)
    assert now.done == 0.5
    assert now.correct == 0.20
    assert now.other == pytest.approx((3 + 1 + 4 + 2) / 100)
    assert now.wrong == pytest.approx((48 - 20 - 8) / 100)


def test_texts_cut_off_after_a_right_answer_never_make_the_wrong_ones_negative():
    all_cut_off_but_right = progress(running(n_graded=48, n_correct=48, n_unparsed=0, n_grader_timeouts=0, n_cut_off=48), NOW)
    assert all_cut_off_but_right.wrong == 0
    assert all_cut_off_but_right.correct == 0.48


def test_time_left_follows_the_rate_while_attempts_were_under_way():
    assert progress(running(), NOW).time_left == timedelta(seconds=100)
    assert progress(running(), NOW).elapsed == timedelta(seconds=160)


@pytest.mark.parametrize(
    "fields", [{"n_samples": 0}, {"busy_seconds": 0}, {"state": Run.State.PAUSED}, {"state": Run.State.COMPLETED}]
)
def test_time_left_is_unknown_before_the_first_sample_and_while_nothing_runs(fields):
    assert progress(running(**fields), NOW).time_left is None


def test_rates_and_shares_of_nothing_are_unknown_and_not_zero():
    fresh = progress(Run(config={"language_models": [{"name": "m", "n_parameters": None}]}, state=Run.State.QUEUED), NOW)
    assert (fresh.tokens_per_second, fresh.cut_off, fresh.unparsed, fresh.failed, fresh.elapsed) == (None,) * 5
    assert fresh.done == 0


def test_shares_are_of_the_samples_stored():
    now = progress(running(), NOW)
    assert (now.cut_off, now.unparsed, now.failed) == (0.08, 0.06, 0.04)
    assert (now.tokens_per_second, now.samples_per_second) == (20.0, 0.5)


def test_a_finished_runs_clock_stands():
    done = running(state=Run.State.COMPLETED, finished_at=NOW - timedelta(seconds=60))
    assert progress(done, NOW).elapsed == timedelta(seconds=100)


def test_flops_count_two_per_weight_and_token_that_was_computed():
    assert progress(running(), NOW).flops == 2 * 1000 * (300 + 2000)


@pytest.mark.parametrize("sizes", [[None], [1000, None], [1000, 2000]])
def test_flops_are_unknown_where_a_size_is_or_where_tokens_cannot_be_told_apart(sizes):
    models = [{"name": str(i), "n_parameters": size} for i, size in enumerate(sizes)]
    assert progress(running(config={"language_models": models}), NOW).flops is None


def test_money_counts_every_call_and_is_told_for_the_whole_run():
    now = progress(running(cost=1.5, n_calls=60, n_usage_estimated=3, reasoning_tokens=7, spending_cap=4.0), NOW)
    assert (now.cost, now.calls, now.usage_estimated, now.reasoning_tokens, now.spending_cap) == (1.5, 60, 3, 7, 4.0)
    assert now.cost_expected == 3.0


def test_what_costs_nothing_has_no_cost():
    now = progress(running(n_calls=60), NOW)
    assert (now.cost, now.cost_expected, now.spending_cap) == (None, None, None)
