"""Self-refine: it stops when it finds no error, and what becomes of criticism that it cannot read."""

import pytest

from experiments.models import Sample
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, texts

pytestmark = pytest.mark.django_db(transaction=True)

NINE, THREE = "The answer is 9.", "The answer is 3."


def model(*criticism: str):
    rules = {"Is there any error in this answer?": list(criticism), "Here is a criticism": [THREE]}
    return make_language_model(answers=[NINE], rules=rules)


def test_it_stops_as_soon_as_no_error_is_found():
    attempt = attempt_of("self_refine", language_model=model("All is well.\nVerdict: no error"))
    assert texts(attempt) == [NINE]
    assert attempt.trace["chains"] == [{"answers": [0], "cues": [], "said": [], "stopped": "no error found"}]
    assert attempt.trace["kept"] == "1 of 1 votes"


def test_it_revises_as_long_as_errors_are_found_and_keeps_the_last_answer():
    attempt = attempt_of("self_refine", {"depth": 3}, language_model=model("Verdict: no error? No.\n**Verdict:** error"))
    assert texts(attempt) == [NINE, THREE, THREE]
    assert attempt.trace["chains"][0]["cues"] == ["errors found"] * 2
    assert attempt.chosen.text == THREE


def test_criticism_without_a_verdict_counts_as_one_that_found_errors():
    attempt = attempt_of("self_refine", {"depth": 2}, language_model=model("I like it."))
    assert attempt.trace["chains"][0] == {
        "answers": [0, 2],
        "cues": ["no verdict given"],
        "said": [""],
        "stopped": "all answers given",
    }


def test_an_answer_that_never_changes_is_criticised_to_the_end():
    script = make_language_model(answers=[NINE], rules={"Is there any error": ["Verdict: error"]})
    attempt = attempt_of("self_refine", {"depth": 4}, language_model=script)
    assert texts(attempt) == [NINE] * 4
    assert texts(attempt, Sample.Purpose.FEEDBACK) == ["Verdict: error"] * 3
