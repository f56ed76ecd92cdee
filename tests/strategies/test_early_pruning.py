"""Answers are begun, looked at, and only the promising ones finished."""

import pytest

from experiments.models import Sample
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "One two three four five six seven: the answer is 3."


def pruned(answers=(LONG,), **params):
    return attempt_of("early_pruning", {"n": 8, "tokens": 4, **params}, language_model=make_language_model(answers=list(answers)))


def test_the_top_share_of_the_beginnings_is_finished():
    attempt = pruned(share=0.25)
    steps = {step.index: step for step in attempt.samples.filter(purpose=Sample.Purpose.STEP)}
    ends = attempt.samples.filter(purpose=Sample.Purpose.ANSWER)
    assert (len(steps), len(ends), attempt.n_samples) == (8, 2, 2)
    kept = sorted(end.parent.mean_logprob for end in ends)
    assert kept == sorted(step.mean_logprob for step in steps.values())[-2:]
    assert all(end.prefix + end.text == LONG for end in ends)
    assert sorted(attempt.trace["pruned"]) == sorted(set(steps) - {end.parent.index for end in ends})
    assert attempt.trace["tokens_saved_estimate"] == 6 * 7  # a text has 11 tokens
    assert attempt.chosen.pk in {end.pk for end in ends}


def test_answers_that_end_before_the_look_are_handed_in_and_pruned_by_nobody():
    attempt = pruned(answers=["It is 3."])
    assert (attempt.n_samples, attempt.trace["finished"], attempt.trace["pruned"]) == (8, 8, [])
    assert attempt.trace["stopped"] == "no answer was longer than a beginning"
    assert attempt.chosen.purpose == Sample.Purpose.STEP


def test_a_look_after_the_longest_answer_prunes_nothing():
    attempt = pruned(tokens=500)
    assert (attempt.n_samples, attempt.trace["pruned"]) == (8, [])


def test_a_budget_that_the_beginnings_spend_leaves_no_answer():
    attempt = pruned(token_budget=5)
    assert (attempt.chosen, attempt.n_samples, attempt.trace["tokens"]) == (None, 0, 32)
    assert (attempt.trace["stopped"], attempt.trace["kept"]) == ("token budget spent", "no answer was finished")


def test_failed_beginnings_are_left_out():
    script = make_language_model(answers=[LONG], transient_failures=0.7)
    attempt = attempt_of("early_pruning", {"n": 12, "tokens": 4}, language_model=script)
    failed = attempt.samples.filter(finish_reason=Sample.FinishReason.FAILED, purpose=Sample.Purpose.STEP).count()
    assert 0 < failed < 12
    assert len(attempt.trace["pruned"]) == 12 - failed - max(1, round(0.5 * (12 - failed)))
