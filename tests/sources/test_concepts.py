"""Concept texts have the lengths of their levels, and prompt and judges are told one rule."""

import asyncio

import pytest

from experiments.domain.concept_rules import LEVELS, key_of, length_compliance, place_of, rule_for
from experiments.domain.types import HIDDEN, Message, Question
from experiments.sources.base import sources
from experiments.verifiers.base import verifiers
from experiments.verifiers.concept_judges import read_score
from tests.verifiers.scripted_lab import ScriptedLab, text

DRAFTS = list(sources.build("concepts").problems())
WORDS = {0.0: (2, 3), 0.25: (4, 6), 0.5: (18, 30), 0.75: (48, 66), 1.0: (126, 145)}


def question(draft):
    shown = {name: value for name, value in draft.metadata.items() if name != HIDDEN}
    return Question(draft.key, (Message("user", draft.question),), metadata=shown)


def test_there_are_eight_concepts_at_five_lengths():
    assert len(DRAFTS) == 40
    assert [place_of(draft.key)[1] for draft in DRAFTS] == list(LEVELS) * 8
    assert len({draft.metadata["cluster"] for draft in DRAFTS}) == 8


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.key)
def test_a_text_is_as_long_as_its_level_and_the_whole_one_has_the_expected_words(draft):
    fewest, most = WORDS[draft.metadata["level"]]
    assert fewest <= len(draft.metadata["text"].split()) <= most
    if draft.metadata["level"] == 1:
        assert all(word in draft.metadata["text"].lower() for word in draft.metadata[HIDDEN]["expected_words"])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("judge", ["concept_scope", "concept_accuracy", "concept_completeness"])
def test_prompt_and_judge_state_the_same_rule(level, judge):
    rule = rule_for(level)
    draft = next(draft for draft in DRAFTS if draft.metadata["level"] == level)
    assert draft.question.endswith(f"\n\n{rule.text}")
    assert f"Rule: {rule.text}\n" in verifiers.build(judge).prompt(question(draft), "An answer.")
    assert (str(rule.most_words) in rule.text) if rule.most_words else not any(each.isdigit() for each in rule.text)


@pytest.mark.parametrize(
    ("words", "level", "kept"), [(20, 0, 1), (40, 0.25, 0.5), (60, 0, 0), (99, 0, 0), (50, 0.5, 1), (75, 0.5, 0.75), (999, 1, 1)]
)
def test_length_is_kept_in_part_up_to_three_times_the_limit(words, level, kept):
    assert length_compliance(words, level) == pytest.approx(kept)


def test_keys_are_read_back_and_others_are_not():
    assert place_of(key_of("modus_ponens", 0.5)) == ("modus_ponens", 0.5)
    assert [place_of(key) for key in ("p0", "sum-0001", "x-0.33", "-0.50")] == [None] * 4


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ('{"score": 0.7}', 0.7),
        ('Here: {"score":1} done', 1),
        ("0.7", None),
        ('{"score": 7}', None),
        ('{"score": 0} {"score": 1.0}', 1),
    ],
)
def test_scores_are_read_from_json_only(said, score):
    assert read_score(said) == score


def test_a_forced_form_can_be_read():
    judge = verifiers.build("concept_scope", {"forces_form": True})
    (rule,) = judge.decoding.grammar
    assert rule == 'root ::= "{\\"score\\": " ("1.0" | "0." [0-9]) "}"'
    assert verifiers.build("concept_scope").decoding.grammar == ()
    assert (read_score('{"score": 1.0}'), read_score('{"score": 0.3}')) == (1.0, 0.3)


def test_a_judge_scores_answers_about_concepts_and_no_others():
    lab, judge = ScriptedLab(['{"score": 0.4}']), verifiers.build("concept_scope")
    assert asyncio.run(judge.score(question(DRAFTS[0]), text(0, "two words"), lab)) == 0.4
    assert "Answer (2 words): two words" in lab.prompts[0]
    assert asyncio.run(judge.score(Question("p0", ()), text(1, "x"), lab)) is None
