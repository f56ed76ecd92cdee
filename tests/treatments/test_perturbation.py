"""The question is perturbed and nothing around it; the edits are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Message, Question
from experiments.treatments.base import treatments


def perturbed(text: str, asked: str, seed: int = 1, **params) -> Question:
    question = Question("q", (Message("system", asked), Message("user", text)), slots={"question": asked})
    return treatments.build("perturbation", params).apply(question, seed)


@given(asked=st.text(min_size=1, max_size=80), seed=st.integers(0, 2**32), rate=st.integers(1, 100))
def test_what_stands_around_the_question_stays_to_the_letter(asked, seed, rate):
    treated = perturbed(
        f"Answer briefly.\n{asked}\nChoices:\nA. the road", asked, seed, operations=["swap", "duplicate"], rate=rate
    )
    before, after = "Answer briefly.\n", "\nChoices:\nA. the road"
    assert treated.messages[0].content == asked
    assert treated.messages[1].content.startswith(before)
    assert treated.messages[1].content.endswith(after)
    assert treated.slots == {"question": asked}


def test_edits_are_kept_for_display():
    treated = perturbed("Q: Where is the house?", "Where is the house?", operations=["synonym"], rate=100)
    assert treated.messages[1].content == "Q: Where is the home?"
    assert [(edit.label, edit.before, edit.after) for edit in treated.edits] == [("synonym", "house", "home")]


def test_a_prompt_without_the_question_as_it_is_is_refused():
    with pytest.raises(InvalidInput, match="does not show the question"):
        perturbed("Guess!", "Where is it?")


def test_unknown_operations_and_none_are_refused():
    with pytest.raises(InvalidInput, match="Operations"):
        treatments.build("perturbation", {"operations": ["shuffle"]})
    with pytest.raises(InvalidInput, match="Operations"):
        treatments.build("perturbation", {"operations": []})
