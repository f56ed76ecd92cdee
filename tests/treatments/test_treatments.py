"""What every treatment keeps, and what each one says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Message, Question
from experiments.treatments.base import Cap, treatments

texts = st.text(max_size=300)

# Those whose point is to change more than the user's last words.
OF_THE_SYSTEM = {"system_prompt", "stress"}
OF_EARLIER_TURNS = {"chat_history"}


# One puts another system message in the place of the first and leaves the user's words; it has a test of its own.
@pytest.mark.parametrize("name", [name for name in treatments.names() if name != "system_prompt"])
@given(system=texts, user=texts, choices=st.lists(texts, min_size=2, max_size=4), seed=st.integers(0, 2**32))
def test_a_treatment_changes_the_users_words_and_touches_nothing_else(name, system, user, choices, seed):
    messages = (Message("system", system), Message("user", user))
    other = (Message("user", "the same in other words"),)
    metadata = {"topic": "sums", "hard_negatives": ["one", "two", "three", "four"]}
    question = Question(
        "q", messages, tuple(choices), metadata, {"question": user}, alternatives=(other,), companions=(Question("r", other),)
    )
    treated = treatments.build(name).apply(question, seed)
    assert treated.messages[-1].role == "user"
    if name not in OF_THE_SYSTEM:
        assert treated.messages[0] == question.messages[0]
    if name not in OF_THE_SYSTEM | OF_EARLIER_TURNS:
        assert len(treated.messages) == 2
    for untouched in ("key", "choices", "metadata", "slots"):
        assert getattr(treated, untouched) == getattr(question, untouched)
    assert treatments.build(name).apply(question, seed) == treated


@pytest.mark.parametrize("name", treatments.names())
@given(seed=st.integers(0, 2**32), other=st.integers(0, 2**32))
def test_what_is_asked_reaches_the_model_with_its_numbers_and_code(name, seed, other):
    asked = "How many of the 1,204 apples are left after `eat(37)`?"
    metadata = {"hard_negatives": ["one", "two", "three", "four"]}
    alternatives = ((Message("user", f"Tell me. {asked}"),),)
    companions = (Question("r", (Message("user", "1 + 1 ="),)),)
    question = Question(
        "q",
        (Message("user", asked),),
        ("1,167", "37"),
        metadata,
        {"question": asked},
        alternatives=alternatives,
        companions=companions,
    )
    treatment = treatments.build(name)
    once = treatment.apply(question, seed)
    treatment.apply(question, other)
    assert treatment.apply(question, seed) == once
    said = "\n".join(message.content for message in once.messages)
    assert "1,204" in said
    assert "`eat(37)`" in said


@pytest.mark.parametrize("name", ["length_limit", "direct_answer", "placebo"])
@given(user=texts)
def test_a_sentence_comes_after_the_prompt_which_stays_to_the_letter(name, user):
    treated = treatments.build(name).apply(Question("q", (Message("user", user),)), 0)
    assert treated.messages[-1].content.startswith(f"{user}\n\n")


@pytest.mark.parametrize(
    ("name", "params", "sentence", "cap"),
    [
        ("length_limit", {"most": 20}, "Answer in at most 20 words.", Cap(20, "words")),
        ("length_limit", {"most": 1, "unit": "sentences"}, "Answer in at most 1 sentence.", Cap(1, "sentences")),
        ("direct_answer", {}, "Give only the final answer, without any working, in at most 10 words.", Cap(10, "words")),
        ("placebo", {"n_words": 6}, "This question is one of several.", None),
    ],
)
def test_wordings(name, params, sentence, cap):
    treatment = treatments.build(name, params)
    treated = treatment.apply(Question("q", (Message("user", "1 + 2 ="),)), 0)
    assert treated.messages == (Message("user", f"1 + 2 =\n\n{sentence}"),)
    assert treatment.cap == cap


def test_a_cap_of_zero_is_refused():
    with pytest.raises(InvalidInput, match=r"At most.*greater than or equal to 1"):
        treatments.build("length_limit", {"most": 0})
