"""Judges in words: what they are shown, how their answers are read, and what becomes of answers in no format."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.verifiers.base import verifiers
from experiments.verifiers.judges import read_label, read_points
from tests.verifiers.scripted_lab import QUESTION, ScriptedLab, text


async def score(lab, sample, name="llm_judge", **params):
    return await verifiers.build(name, params).score(QUESTION, sample, lab)


@pytest.mark.parametrize(
    ("said", "points"),
    [
        ("Fine. Score: 7", 0.7),
        ("Score: 3. No: after all, Score: 8/10", 0.8),
        ("**Score:** 10", 1.0),
        ("score = 4.5", 0.45),
        ("Score: 0", 0.0),
        ("Score: 11", None),
        ("Score: -1", None),
        ("Score: NaN", None),
        ("7", None),
        ("", None),
    ],
)
def test_points_are_read_where_they_were_asked_for(said, points):
    assert read_points(said) == points


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        ("Verdict: Sure", 1.0),
        ("verdict: **likely**", 0.5),
        ("Verdict: Sure? No. Verdict: Impossible.", 0.0),
        ("It is unlikely.", None),
        ("Verdict: unlikely", None),
        ("Surely.", None),
    ],
)
def test_labels_are_read_where_they_were_asked_for(said, mark):
    assert read_label(said) == mark


async def test_a_judge_sees_problem_text_and_rubric_and_nothing_else_of_the_problem():
    lab = ScriptedLab(answers=("Score: 6",))
    assert await score(lab, text(0, "is 7", prefix="It "), rubric="Is it short?") == 0.6
    (prompt,) = lab.prompts
    assert "Problem:\nWhat is 3 + 4?" in prompt
    assert "Answer:\nIt is 7" in prompt
    assert "Is it short?" in prompt
    assert lab.notes == {0: {"judgements": 1, "unread": 0}}


async def test_judgements_are_averaged_over_those_that_can_be_read():
    lab = ScriptedLab(answers=("Verdict: Sure", "Verdict: Impossible", "I would rather not say"))
    mean = await score(lab, text(0, "7"), draws=30, temperature=1, scale="labels")
    (notes,) = lab.notes.values()
    assert notes["judgements"] == 30
    assert 0 < notes["unread"] < 30
    n_sure = mean * (30 - notes["unread"])
    assert n_sure == pytest.approx(round(n_sure))
    assert 0 < mean < 1


async def test_a_judge_that_keeps_to_no_format_gives_no_score_and_is_counted():
    lab = ScriptedLab(answers=("Seven is a fine number.",))
    assert await score(lab, text(0, "7"), draws=3, temperature=0.7) is None
    assert lab.notes == {0: {"judgements": 3, "unread": 3}}


@pytest.mark.parametrize(("steps", "mark"), [("whole", 0.0), ("min", 0.0), ("product", 0.0), ("mean", 0.5)])
async def test_steps_are_judged_at_once_or_each_with_all_before_it(steps, mark):
    """After the steps: 1, 0.5, 0; their smallest 0, product 0, mean 0.5."""
    rules = {"Three": ("Verdict: Impossible",), "Two": ("Verdict: Likely",), "One": ("Verdict: Sure",)}
    lab = ScriptedLab(rules=rules)
    found = await score(lab, text(0, "One\n\nTwo\n\nThree"), "process_judge", steps=steps, draws=1, temperature=0)
    assert found == pytest.approx(mark)
    assert len(lab.prompts) == (1 if steps == "whole" else 3)
    assert "Solution so far:\nOne\n\nTwo\n\nThree" in lab.prompts[-1]


async def test_the_product_of_step_marks_is_worked_out():
    rules = {"Two": ("Verdict: Likely",), "One": ("Verdict: Likely",)}
    found = await score(ScriptedLab(rules=rules), text(0, "One\n\nTwo"), "process_judge", steps="product", draws=1, temperature=0)
    assert found == 0.25


async def test_a_step_that_could_not_be_judged_leaves_the_text_without_a_score():
    lab = ScriptedLab(answers=("Hm",), rules={"Two": ("Verdict: Likely",)})
    assert await score(lab, text(0, "One\n\nTwo"), "process_judge", steps="mean", draws=1, temperature=0) is None
    assert await score(lab, text(1, "  "), "process_judge", steps="mean", draws=1, temperature=0) is None


def test_the_same_judgement_is_not_paid_for_twice():
    with pytest.raises(InvalidInput, match="at temperature 0 all 3 judgements would be the same"):
        verifiers.build("llm_judge", {"draws": 3})
