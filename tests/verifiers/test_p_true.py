"""P(True): the letters' probabilities, the ideas shown, and the fallback that counts letters."""

import math

import pytest

from experiments.verifiers.base import verifiers
from experiments.verifiers.p_true import FALSE, TRUE, share_of_first
from tests.verifiers.scripted_lab import QUESTION, ScriptedLab, text


async def score_pool(lab, pool, **params):
    return await verifiers.build("p_true", params).score_pool(QUESTION, pool, lab)


def test_a_letters_probability_is_the_sum_over_its_ways_to_be_written():
    """A in two ways 0.3 and 0.1, B in one 0.2: 0.4 / 0.6."""
    assert share_of_first([math.log(0.3), math.log(0.1)], [math.log(0.2), -math.inf]) == pytest.approx(2 / 3)


def test_far_away_probabilities_do_not_vanish():
    assert share_of_first([-2000.0], [-2000.0 + math.log(3)]) == pytest.approx(0.25)


async def test_it_reads_the_letters_after_the_text_and_writes_nothing():
    chances = {TRUE[0]: 0.3, TRUE[1]: 0.1, FALSE[0]: 0.1}
    lab = ScriptedLab(tell=lambda messages, letter: math.log(chances[letter]) if letter in chances else -math.inf)
    assert await score_pool(lab, [text(0, "It is 7")]) == [pytest.approx(0.8)]
    (prompt,) = lab.prompts
    assert "Possible answer:\nIt is 7" in prompt
    assert "ideas" not in prompt


async def test_ideas_are_other_answers_of_the_attempt():
    pool = [text(i, f"It is {answer}") for i, answer in enumerate([7, 8, 9, 10])]
    lab = ScriptedLab()
    await score_pool(lab, pool, ideas=2)
    for place, prompt in enumerate(lab.prompts):
        shown = prompt.split("Some ideas of what the answer may be:\n")[1].split("\n\nPossible answer")[0].split("\n")
        assert len(shown) == 2
        assert set(shown) < {"7", "8", "9", "10"} - {str(7 + place)}
    again = ScriptedLab()
    await score_pool(again, pool, ideas=2)
    assert again.prompts == lab.prompts


async def test_a_model_that_says_nothing_of_probabilities_leaves_no_score():
    class Mute(ScriptedLab):
        async def logprobs_of(self, messages, continuations, *, parent=None):
            return []

    assert await score_pool(Mute(), [text(0, "7")]) == [None]
    nowhere = await score_pool(ScriptedLab(tell=lambda *_: -math.inf), [text(0, "7")])
    assert math.isnan(nowhere[0]), "stored as no score"


async def test_asking_repeatedly_counts_letters_and_those_that_are_none():
    lab = ScriptedLab(answers=("(A)", "B", "A) True", "Absolutely"))
    (share,) = await score_pool(lab, [text(0, "7")], asking="repeatedly", draws=40)
    notes = lab.notes[0]
    assert notes["judgements"] == 40
    assert 0 < notes["unread"] < 40
    read = 40 - notes["unread"]
    assert share * read == pytest.approx(round(share * read))
    assert 0 < share < 1


async def test_asking_repeatedly_needs_no_probabilities():
    assert verifiers.build("p_true", {"asking": "repeatedly"}).judge_needs == frozenset()
    assert verifiers.build("p_true").judge_needs == {"scores_text"}
    assert await score_pool(ScriptedLab(answers=("Hm",)), [text(0, "7")], asking="repeatedly") == [None]
