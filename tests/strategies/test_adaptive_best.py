"""Drawing until one answer is good enough, by a verifier or by the model's own word."""

import json
import math

import pytest

from experiments.models import Sample
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, texts

pytestmark = pytest.mark.django_db(transaction=True)


def test_drawing_ends_at_the_first_score_that_reaches_the_threshold():
    attempt = attempt_of("stop_at_score", {"n": 40, "score": -0.8})
    scores = list(attempt.samples.order_by("index").values_list("mean_logprob", flat=True))
    assert attempt.trace["scores"] == pytest.approx(scores)
    assert all(score < -0.8 for score in scores[:-1])
    assert scores[-1] >= -0.8
    assert (attempt.chosen.index, attempt.trace["stopped"]) == (len(scores) - 1, "an answer is good enough")
    assert (attempt.trace["drawn"], attempt.trace["saved"]) == (len(scores), 40 - len(scores))


def test_all_are_drawn_where_none_is_good_enough_and_the_best_is_handed_in():
    attempt = attempt_of("stop_at_score", {"n": 5, "score": 1, "at_once": 2})
    assert (attempt.trace["stopped"], attempt.trace["drawn"], attempt.trace["saved"]) == ("all samples drawn", 5, 0)
    assert attempt.chosen.mean_logprob == max(attempt.samples.values_list("mean_logprob", flat=True))


def test_without_any_score_one_is_drawn_by_lot_and_the_trace_says_so():
    # A text without tokens has no mean logprob.
    attempt = attempt_of("stop_at_score", {"n": 3}, language_model=make_language_model(answers=[""]))
    assert attempt.chosen.text == ""
    assert (attempt.trace["stopped"], attempt.trace["unscored"]) == ("all samples drawn, none has a score", 3)


def test_the_budget_ends_it_after_one_answer():
    attempt = attempt_of("stop_at_score", {"token_budget": 2, "score": 1})
    assert (attempt.trace["stopped"], attempt.trace["drawn"]) == ("token budget spent", 1)


def test_annealing_begins_with_the_likeliest_text():
    script = make_language_model(answers=["The answer is 3.", *["The answer is 4."] * 50])
    attempt = attempt_of("stop_at_score", {"n": 6, "score": 1, "is_annealed": True}, language_model=script)
    assert texts(attempt)[0] == "The answer is 3."
    hashes = list(attempt.samples.order_by("index").values_list("request_hash", flat=True))
    assert len(set(hashes)) == 4  # 0, 0.5, 0.75 and three times the condition's 0.8


def test_the_model_is_asked_about_every_answer_whether_a_restart_would_help():
    script = make_language_model(answers=[f"The answer is {number}." for number in range(40)], scores_texts=True)
    attempt = attempt_of("restart_question", {"n": 12, "confidence": 0.7}, language_model=script)
    judged = list(attempt.samples.filter(purpose=Sample.Purpose.JUDGE).order_by("parent__index"))
    told = [json.loads(sample.text) for sample in judged]
    scores = [1 / (1 + math.exp(yes - no)) for no, yes in told]
    assert attempt.trace["scores"] == pytest.approx(scores)
    assert [sample.parent.index for sample in judged] == list(range(attempt.trace["drawn"]))
    assert all(score < 0.7 for score in scores[:-1])
    assert (scores[-1] >= 0.7) == (attempt.trace["stopped"] == "an answer is good enough")
    assert attempt.chosen.index == scores.index(max(scores))
