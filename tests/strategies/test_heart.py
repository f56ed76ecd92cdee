"""HEART's schedules, its controls, and what it keeps with and without an oracle."""

import pytest

from experiments.models import Attempt
from experiments.strategies.base import strategies
from experiments.strategies.emotions import AGAIN, CRITICAL, EMOTIONS, ENCOURAGING, phrases
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, run_of, texts

pytestmark = pytest.mark.django_db(transaction=True)

NINE, THREE = "The answer is 9.", "The answer is 3."
#: The model lets itself be moved by sadness only. Problem p0 is "0 + 3 =".
RULES = {phrase: [THREE if tone == "sadness" else NINE] for tone in EMOTIONS for phrase in phrases(1)[tone]}


def model(**rules):
    return make_language_model(answers=["The answer is 4."], rules=RULES | rules)


def cues(attempt: Attempt) -> list[list[str]]:
    return [chain["cues"] for chain in attempt.trace["chains"]]


def test_without_an_oracle_all_rounds_are_run_and_the_majority_is_kept():
    attempt = attempt_of("heart", language_model=model())
    assert texts(attempt) == ["The answer is 4.", NINE, NINE, NINE, THREE, NINE, NINE]
    (chain,) = attempt.trace["chains"]
    assert (chain["answers"], chain["cues"], chain["stopped"]) == ([*range(7)], [*EMOTIONS], "all answers given")
    assert all(said.removesuffix(f"\n\n{AGAIN}") in phrases(1)[tone] for tone, said in zip(EMOTIONS, chain["said"], strict=True))
    assert (attempt.chosen.index, attempt.trace["kept"]) == (6, "5 of 7 votes")
    assert [sample.parent.index if sample.parent else None for sample in attempt.samples.order_by("index")] == [None, *range(6)]


def test_the_oracle_stops_at_the_first_right_answer():
    attempt = attempt_of("heart_oracle", language_model=model())
    assert texts(attempt) == ["The answer is 4.", NINE, NINE, NINE, THREE]
    assert attempt.trace["chains"][0]["stopped"] == "right, said the oracle"
    assert (attempt.chosen.index, attempt.trace["kept"]) == (4, "the first right answer (oracle)")


def test_the_oracle_stops_the_other_chains_too_and_hands_in_a_wrong_answer_where_none_is_right():
    four = make_language_model(answers=["The answer is 4.", THREE])
    attempt = attempt_of("heart_oracle", {"chains": 8, "schedule": "neutral"}, language_model=four)
    stopped = {chain["stopped"] for chain in attempt.trace["chains"]}
    assert stopped == {"right, said the oracle", "another chain was right"}
    never = attempt_of("heart_oracle", {"depth": 2}, language_model=make_language_model(answers=[NINE]))
    assert (never.chosen.text, never.trace["kept"]) == (NINE, "the last answer, none was right")


def test_schedules_alternate_stay_or_are_drawn_by_the_attempts_seed():
    shown = {}
    for schedule in ("alternate", "single", "random", "reflection"):
        params = {"schedule": schedule, "emotion": "fear"}
        shown[schedule] = cues(attempt_of("heart", params, language_model=model()))[0]
    assert shown["alternate"] == ["anger", "happiness", "disgust", "surprise", "fear", "happiness"]
    assert shown["alternate"][::2] == [*CRITICAL[:3]]
    assert set(shown["alternate"][1::2]) == set(ENCOURAGING)
    assert shown["single"] == ["fear"] * 6
    assert set(shown["random"]) <= set(EMOTIONS)
    assert len(set(shown["random"])) > 1
    assert shown["reflection"] == ["reflection"] * 6


def test_the_neutral_control_differs_in_the_phrase_only_and_resampling_asks_the_bare_question():
    # What the model last heard decides what it says, so equal structures are told apart by their phrases alone.
    echo = {AGAIN: [NINE]}
    neutral = attempt_of("heart", {"schedule": "neutral", "depth": 3}, language_model=make_language_model(rules=echo))
    assert (texts(neutral)[1:], cues(neutral)) == ([NINE, NINE], [["neutral"] * 2])
    resampled = attempt_of("heart", {"schedule": "resample", "depth": 3}, language_model=make_language_model(rules=echo))
    assert NINE not in texts(resampled)
    assert cues(resampled) == [["resample"] * 2]
    assert resampled.samples.values("request_hash").distinct().count() == 1


def test_memory_decides_whether_an_answer_sees_all_earlier_ones_or_the_last():
    lengths = {}
    for memory in ("dialogue", "last answer"):
        attempt = attempt_of("heart", {"depth": 4, "memory": memory, "schedule": "neutral"})
        lengths[memory] = list(attempt.samples.order_by("index").values_list("prompt_tokens", flat=True))
    assert lengths["dialogue"][0] < lengths["dialogue"][1] < lengths["dialogue"][2] < lengths["dialogue"][3]
    assert abs(lengths["last answer"][3] - lengths["last answer"][1]) <= 4  # phrases differ by some words


def test_a_budget_smaller_than_one_answer_gives_that_answer_and_says_so():
    attempt = attempt_of("heart", {"token_budget": 1, "keeps": "choose"})
    assert len(texts(attempt)) == 1
    assert attempt.trace["chains"][0]["stopped"] == "token budget spent"
    assert (attempt.trace["token_budget"], attempt.trace["tokens"]) == (1, 4)
    assert attempt.trace["kept"] == "1 of 1 votes; the budget left no final call"
    assert attempt.chosen.text == THREE


def test_an_attempt_whose_answers_all_fail_fails():
    run = run_of("heart", language_model=make_language_model(transient_failures=1.0))
    attempt = Attempt.objects.get(run=run)
    assert (attempt.state, attempt.chosen, attempt.trace["kept"]) == ("failed", None, "every answer failed")
    assert attempt.trace["chains"][0]["stopped"].startswith("the answer failed: The script fails")


def test_no_phrase_of_one_tone_appears_in_another():
    every = [phrase for tone in phrases(1).values() for phrase in tone]
    assert len(every) == len(set(every))
    assert set(phrases(1)) == {*EMOTIONS, "neutral", "reflection"}
    assert all(3 <= len(tone) <= 5 for tone in phrases(1).values())
    assert strategies.get("heart_oracle").uses_oracle
    assert not strategies.get("heart").uses_oracle
