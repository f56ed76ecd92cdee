"""Texts against each other: both orders, ties, judges that always name one place, and strengths."""

import math

import numpy as np
import pytest

from experiments.statistics.bradley_terry import LENT, log_strengths
from experiments.verifiers.base import verifiers
from tests.verifiers.scripted_lab import QUESTION, ScriptedLab, text


async def play(lab, pool, **params):
    return await verifiers.build("llm_tournament", params).score_pool(QUESTION, pool, lab)


def by_quality(*texts: str) -> dict[str, tuple[str, ...]]:
    """A judge who names the better of two, best first in `texts`, wherever it stands."""
    pairs = [(better, worse) for i, better in enumerate(texts) for worse in texts[i + 1 :]]
    rules = {f"Answer 1:\n{better}\n\nAnswer 2:\n{worse}\n": ("Better: 1",) for better, worse in pairs}
    return rules | {f"Answer 1:\n{worse}\n\nAnswer 2:\n{better}\n": ("Better: 2",) for better, worse in pairs}


async def test_a_judge_who_knows_orders_them_by_their_share_of_wins():
    pool = [text(i, written) for i, written in enumerate(["bad", "good", "fair"])]
    lab = ScriptedLab(rules=by_quality("good", "fair", "bad"))
    assert await play(lab, pool) == [0.0, 1.0, 0.5]
    assert len(lab.prompts) == 3 * 2, "every pair in both orders"
    assert sum(note["first_preferred"] for note in lab.notes.values()) == 3
    assert sum(note["second_preferred"] for note in lab.notes.values()) == 3


async def test_a_judge_who_always_names_the_first_tells_nothing_and_is_found_out():
    pool = [text(i, f"text {i}") for i in range(4)]
    lab = ScriptedLab(answers=("Better: 1",))
    assert await play(lab, pool) == [0.5] * 4
    assert sum(note["first_preferred"] for note in lab.notes.values()) == sum(note["judgements"] for note in lab.notes.values())


async def test_games_without_a_winner_are_left_out_and_counted():
    pool = [text(0, "a"), text(1, "b")]
    lab = ScriptedLab(answers=("Both are fine",), rules={"Answer 1:\na": ("Better: 1",)})
    assert await play(lab, pool) == [1.0, 0.0]
    assert lab.notes[1] == {"judgements": 1, "unread": 1, "first_preferred": 0, "second_preferred": 0}
    assert await play(ScriptedLab(answers=("Better: 3",)), pool) == [None, None]
    assert await play(ScriptedLab(), [text(0, "alone")]) == [None]


async def test_each_text_meets_as_many_others_as_set():
    pool = [text(i, f"text {i}") for i in range(16)]
    lab = ScriptedLab(answers=("Better: 2",))
    await play(lab, pool, opponents=4)
    assert len(lab.prompts) == len(set(lab.prompts)) == 16 * 4
    assert {note["judgements"] for note in lab.notes.values()} == {4}


async def test_strengths_keep_the_order_of_the_wins():
    pool = [text(i, written) for i, written in enumerate(["bad", "good", "fair"])]
    bad, good, fair = await play(ScriptedLab(rules=by_quality("good", "fair", "bad")), pool, scale="bradley_terry")
    assert bad < fair < good
    assert bad + fair + good == pytest.approx(0, abs=1e-9)


def test_two_strengths_are_as_their_wins():
    """Of two, p_1 / p_2 is wins against losses: (3 + 0.5) / (1 + 0.5), so the logs are half its logarithm apart from 0."""
    half = math.log((3 + LENT) / (1 + LENT)) / 2
    assert log_strengths(np.array([[0, 3], [1, 0]])) == pytest.approx([half, -half], abs=1e-8)


def test_strengths_are_the_likeliest_ones():
    """At the maximum every one wins as often as its strength says (the score equations)."""
    wins = np.array([[0, 2, 3], [1, 0, 2], [1, 2, 0.0]])
    lent = wins + LENT * (1 - np.eye(3))
    p = np.exp(log_strengths(wins))
    expected = [sum((lent + lent.T)[i, j] * p[i] / (p[i] + p[j]) for j in range(3) if j != i) for i in range(3)]
    assert expected == pytest.approx(lent.sum(axis=1), abs=1e-6)


def test_one_who_met_nobody_has_no_strength():
    strengths = log_strengths(np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0.0]]))
    assert np.isnan(strengths[2])
    assert strengths[0] == pytest.approx(-strengths[1])
    assert strengths[0] > 0
    assert np.isnan(log_strengths(np.zeros((2, 2)))).all()
