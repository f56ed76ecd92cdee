"""Several problems in one prompt: the attempt's own comes last, and every problem stands once at every position."""

from collections import Counter

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Target
from experiments.treatments.rendering import companions_of, rendered, target_with_companions

RING = [
    {"key": f"p{i}", "slots": {"question": f"What is {i}?"}, "choices": [], "answers": [str(i)], "metadata": {"hidden": i}}
    for i in range(5)
]
WORDING = {"system": "Be brief.", "template": "{{ question }}"}


def asked(key: str, n: int):
    own = next(each for each in RING if each["key"] == key)
    treatment = {"name": "several_problems", "params": {"problems": n}}
    return rendered(key, own["slots"], [], own["metadata"], WORDING, treatment, 7, ring=RING)


def test_the_following_problems_come_first_and_its_own_last():
    messages = asked("p3", 3).messages
    assert messages[0].content == "Be brief."
    assert messages[1].content == (
        "Q1: What is 4?\n\nQ2: What is 0?\n\nQ3: What is 3?\n\n"
        "Answer one by one. Begin each final answer on a line of its own with “Answer to Q1:” and “Answer to Q2:”, and so on."
    )


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_every_problem_stands_once_at_every_position(n):
    places = Counter()
    for each in RING:
        order = [*(other["key"] for other in companions_of(each["key"], RING, n - 1)), each["key"]]
        assert len(set(order)) == n
        places.update(enumerate(order))
    assert set(places.values()) == {1}
    assert len(places) == n * len(RING)


def test_targets_go_with_the_companions_and_stay_out_of_the_question():
    question = asked("p3", 3)
    target = target_with_companions(Target(("3",)), question, RING)
    assert [each.answers for each in target.companions] == [("4",), ("0",)]
    assert [each.metadata for each in question.companions] == [{}, {}]


def test_more_problems_than_there_are_is_refused():
    with pytest.raises(InvalidInput, match="6 problems are to be asked in one prompt, and the run has only 5"):
        asked("p0", 6)
