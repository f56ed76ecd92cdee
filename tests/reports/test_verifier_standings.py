"""What verifiers came to: scores that are missing, equal or misread are said in words, and choices that changed are listed."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.models import Sample, Scoring, VerifierScore
from experiments.reports.verifier_flips import verifier_flips
from experiments.reports.verifier_standings import Spent, verifier_standings
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


def scored_run(scores: list[list[float | None]], verdicts: list[list[str]], **details):
    """A run whose samples have the `mean_logprob` scores -1, -2, ... and these by a later verifier, `length`."""
    run = make_run(problems=len(scores), n=len(scores[0]))
    plugin = {"name": "length", "params": {}, "key": "length"}
    Scoring.objects.create(run=run, key="length", config={"verifiers": [plugin], "language_models": []})
    for attempt, pool, marks in zip(run.attempts.order_by("position"), scores, verdicts, strict=True):
        for i, (score, verdict) in enumerate(zip(pool, marks, strict=True)):
            sample = make_sample(attempt, i, f"The answer is {i}.", verdict, mean_logprob=-1.0 - i)
            VerifierScore.objects.create(sample=sample, verifier="length", score=score, details=details)
    return run


def test_missing_and_equal_scores_are_counted_and_said():
    run = scored_run([[1, 1, 1], [1, None, 2], [None, None, 1]], [["wrong"] * 3] * 3)
    planned, later = verifier_standings(run)
    assert (planned.key, planned.scored, planned.missing, planned.flat, planned.cautions) == ("mean_logprob", 9, 0, 0, [])
    assert (later.answers, later.scored, later.missing, later.pools, later.flat) == (9, 6, 3, 2, 1)
    assert later.cautions == [
        "3 of 9 samples have no score by Length; they are chosen last.",
        "All scores are equal in 1 of 2 attempts: there, selection is random.",
    ]


def test_a_verifier_that_gives_everything_the_same_score_chooses_at_random():
    run = scored_run([[5, 5], [3, 3]], [["wrong"] * 2] * 2)
    assert verifier_standings(run)[1].cautions == ["All scores are equal: selection by Length is random."]


def test_misread_judgements_and_the_preference_for_a_place_are_said():
    run = scored_run([[1, 2]], [["wrong"] * 2], judgements=4, unread=1, first_preferred=3, second_preferred=0)
    misread, place = verifier_standings(run)[1].cautions
    assert misread == "2 of 8 judgements did not come in the format and were left out."
    assert place == "The text shown first was preferred in 1.00 [0.61, 1.00] of 6 games; 0.50 is fair."


def test_what_a_verifier_cost_is_summed_over_its_questions():
    run = scored_run([[1, 2]], [["wrong"] * 2])
    attempt = run.attempts.get()
    for i in range(2):
        judged = {"purpose": "judge", "verifier": "length", "request_hash": "1" * 32}
        make_sample(attempt, i, "Score: 1", None, prompt_tokens=30, completion_tokens=4, cost=0.5, n_calls=2, **judged)
    planned, later = verifier_standings(run)
    assert planned.spent == Spent()
    assert later.spent == Spent(calls=4, prompt_tokens=60, completion_tokens=8, cost=1.0)


RIGHT, WRONG = "correct", "wrong"


def test_choices_that_changed_are_listed_with_those_that_changed_the_outcome_first():
    run = scored_run(
        [[1, 9], [1, 9], [9, 1], [1, 9]],
        [[WRONG, WRONG], [RIGHT, WRONG], [RIGHT, WRONG], [WRONG, RIGHT]],
    )
    found = verifier_flips(run, "mean_logprob", "length")
    assert [(flip.attempt.position, flip.outcome) for flip in found.flips] == [(3, "gained"), (1, "lost"), (0, "same")]
    gained = found.flips[0]
    assert (gained.before.index, gained.after.index, gained.after.score) == (0, 1, 9)
    assert (gained.before.text, gained.after.text) == ("The answer is 0.", "The answer is 1.")
    assert (found.accuracy_before.value, found.accuracy_after.value, found.difference.value) == (0.5, 0.5, 0)
    assert found.in_words.endswith("3 of 4 choices changed: 1 from wrong to right, 1 from right to wrong.")
    assert "no clear difference" in found.in_words


def test_ties_are_shared_in_the_accuracy_and_told_with_the_choice():
    """Of three equal scores one is right: a third; the earliest is shown, as one of three."""
    run = scored_run([[5, 5, 5], [0, 1, None]], [[WRONG, RIGHT, WRONG], [WRONG, RIGHT, RIGHT]])
    found = verifier_flips(run, "mean_logprob", "length")
    assert found.accuracy_after.value == pytest.approx((1 / 3 + 1) / 2)
    assert [flip.attempt.position for flip in found.flips] == [1]
    back = verifier_flips(run, "length", "mean_logprob")
    assert back.difference.value == pytest.approx(-found.difference.value)


def test_what_cannot_be_compared_is_refused():
    run = scored_run([[None, None]], [[WRONG, WRONG]])
    with pytest.raises(InvalidInput, match=r"was not scored by “gut”\. It was by mean_logprob, length"):
        verifier_flips(run, "gut", "length")
    with pytest.raises(InvalidInput, match=r"No attempt of run .* has a score by both"):
        verifier_flips(run, "mean_logprob", "length")
    assert not Sample.objects.filter(purpose="judge").exists()
