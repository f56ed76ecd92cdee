"""HEART's schedules, its controls, and what it keeps with and without an oracle."""

import pytest

from experiments.strategies.heart import EMOTIONS, phrases
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, texts

pytestmark = pytest.mark.django_db(transaction=True)

#: Phrases of each emotion get an answer of their own. Problem p0 is "0 + 3 =".
RULES = {
    phrase: ["The answer is 3." if tone == "sadness" else "The answer is 9."] for tone in EMOTIONS for phrase in phrases(1)[tone]
}


def script(**rules):
    return make_language_model(answers=["The answer is 4."], rules=RULES | rules)


def test_without_an_oracle_all_rounds_are_run_and_the_majority_is_kept():
    attempt = attempt_of("heart", language_model=script())
    assert texts(attempt) == ["The answer is 4."] + ["The answer is 9."] * 3 + ["The answer is 3."] + ["The answer is 9."] * 2
    assert attempt.trace["chains"] == [{"answers": [*range(7)], "cues": [*EMOTIONS], "stopped": "all answers given"}]
    assert (attempt.chosen.index, attempt.trace["kept"]) == (6, "5 of 7 votes")
    assert [sample.parent.index if sample.parent else None for sample in attempt.samples.order_by("index")] == [None, *range(6)]


def test_the_oracle_stops_at_the_first_right_answer():
    attempt = attempt_of("heart_oracle", language_model=script())
    assert texts(attempt) == ["The answer is 4."] + ["The answer is 9."] * 3 + ["The answer is 3."]
    assert attempt.trace["chains"][0]["stopped"] == "right, said the oracle"
    assert (attempt.chosen.index, attempt.trace["kept"]) == (4, "the first right answer (oracle)")
