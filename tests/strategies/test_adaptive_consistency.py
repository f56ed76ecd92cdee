"""Drawing until the vote is settled."""

import pytest

from experiments.models import Attempt
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_model_that_always_agrees_with_itself_is_asked_four_times():
    attempt = attempt_of("adaptive_consistency")
    assert attempt.trace == {
        "stopped": "the vote is settled",
        "rule": {"against": "beta", "error_risk": 0.05},
        "risk": pytest.approx(1 / 32),
        "votes": [4],
        "looks": [{"drawn": 4, "risk": pytest.approx(1 / 32)}],
        "kept": "4 of 4 votes",
        "n_max": 16,
        "drawn": 4,
        "saved": 12,
        "tokens": 16,
        "token_budget": 0,
    }
    assert attempt.chosen.text == "The answer is 3."


def test_one_that_contradicts_itself_is_asked_until_the_rest_cannot_matter():
    script = make_language_model(answers=["The answer is 3.", "The answer is 4."])
    for attempt in Attempt.objects.filter(run=run_of("adaptive_consistency", {"n": 9}, script, problems=8)):
        first, second = [*attempt.trace["votes"], 0][:2]
        assert first + second == attempt.n_samples == attempt.trace["drawn"]
        if attempt.trace["stopped"] == "the vote is settled":
            assert attempt.trace["risk"] <= 0.05
        elif attempt.trace["stopped"] == "the rest cannot change the winner":
            assert first - second > attempt.trace["saved"] > 0
        else:
            assert attempt.trace["stopped"] == "all samples drawn"
            assert attempt.trace["saved"] == 0


def test_every_look_but_the_last_found_the_vote_unsettled():
    script = make_language_model(answers=["The answer is 3.", "The answer is 4.", "The answer is 5."])
    run = run_of("adaptive_consistency", {"n": 24, "against": "dirichlet"}, script, problems=4)
    taken = [attempt.trace["looks"] for attempt in Attempt.objects.filter(run=run)]
    assert max(map(len, taken)) > 2
    for looks in taken:
        assert all(look["risk"] > 0.05 for look in looks[:-1])
        assert [look["drawn"] for look in looks] == sorted({look["drawn"] for look in looks})


def test_texts_without_an_answer_never_settle_a_vote():
    attempt = attempt_of("adaptive_consistency", {"n": 6}, language_model=make_language_model(answers=["No idea."]))
    assert (attempt.trace["stopped"], attempt.trace["votes"], attempt.trace["risk"]) == ("all samples drawn", [], 0.5)
    assert attempt.trace["kept"] == "the last text, for no answer was found in any"


def test_the_budget_ends_it_after_the_first_draws():
    script = make_language_model(answers=["The answer is 3.", "The answer is 4."])
    attempt = attempt_of("adaptive_consistency", {"token_budget": 3, "error_risk": 0.01}, language_model=script)
    assert (attempt.trace["stopped"], attempt.trace["drawn"], attempt.trace["tokens"]) == ("token budget spent", 6, 24)


def test_an_attempt_whose_draws_all_fail_fails_after_all_of_them():
    run = run_of("adaptive_consistency", {"n": 5}, make_language_model(transient_failures=1.0))
    attempt = Attempt.objects.get(run=run)
    assert (attempt.state, attempt.chosen, attempt.trace["kept"]) == ("failed", None, "every answer failed")
