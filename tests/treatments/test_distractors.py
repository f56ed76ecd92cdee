"""Texts that do not help are put beside a prompt, all kinds in equal amounts; the prompt stays to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Message, Question
from experiments.treatments.base import treatments
from experiments.treatments.distracting import MOST_WORDS, shipped

NEAR = [f"The harbour of town {letter} was rebuilt after the flood, and its mill still stands." * 5 for letter in "ABCDEFGHI"]


def treated(name: str, text: str = "Where is it?", seed: int = 3, **params) -> Question:
    messages = (Message("system", "Be brief."), Message("user", text))
    return treatments.build(name, params).apply(Question("q", messages, metadata={"hard_negatives": NEAR}), seed)


def test_enough_texts_are_shipped_and_each_fills_its_room():
    assert len(shipped()["passages"]) >= 40
    assert len(shipped()["chats"]) >= 20
    assert min(len(passage.split()) for passage in shipped()["passages"]) >= MOST_WORDS
    assert min(len(chat["assistant"].split()) + len(chat["user"].split()) for chat in shipped()["chats"]) >= MOST_WORDS
    assert len(set(shipped()["passages"])) == len(shipped()["passages"])


@pytest.mark.parametrize("amount", [1, 2, 4, 8])
def test_all_kinds_take_the_same_room(amount):
    for name in ("random_documents", "chat_history", "hard_negatives"):
        assert sum(len(text.split()) for text in treated(name, amount=amount, words=40).distractors) == 40 * amount


@pytest.mark.parametrize("name", ["random_documents", "hard_negatives"])
@given(text=st.text(max_size=200), seed=st.integers(0, 2**32))
def test_the_prompt_stays_to_the_letter_around_what_is_put_beside_it(name, text, seed):
    before = treated(name, text, seed, position="before")
    assert before.messages[1].content.endswith(f"\n\n{text}")
    assert treated(name, text, seed, position="after").messages[1].content.startswith(f"{text}\n\n")
    between = treated(name, text, seed, position="between", amount=2)
    first, second = between.distractors
    left, right = between.messages[1].content.split(f"{first}\n\n{second}")
    assert (left + right.removeprefix("\n\n") if left else right.removeprefix("\n\n")) == text
    assert treated(name, text, seed, position="between", amount=2) == between


def test_between_parts_paragraphs_but_no_code():
    text = "Read this.\n\n```\na\n\nb\n```"
    content = treated("random_documents", text, position="between", amount=1).messages[1].content
    assert content.startswith("Read this.\n\n")
    assert content.endswith("\n\n```\na\n\nb\n```")


def test_a_chat_comes_after_the_system_message_and_before_the_question():
    messages = treated("chat_history", amount=2).messages
    assert [message.role for message in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[-1].content == "Where is it?"


def test_fewer_texts_are_among_more():
    few, many = (treated("random_documents", amount=amount).distractors for amount in (2, 8))
    assert few == many[:2]


@pytest.mark.parametrize("name", ["random_documents", "chat_history", "hard_negatives"])
def test_the_model_may_be_asked_not_to_be_distracted(name):
    assert treated(name, ask="ignore").messages[-1].content.endswith("ignore it.")
    assert treated(name, ask="quote").messages[-1].content.endswith("then answer.")


@pytest.mark.parametrize(("params", "said"), [({"column": "near"}, "“near”.*is missing"), ({"amount": 10}, "has 9")])
def test_missing_hard_negatives_are_named_with_their_column(params, said):
    with pytest.raises(InvalidInput, match=said):
        treated("hard_negatives", **params)


def test_hard_negatives_may_be_one_text_with_blank_lines():
    question = Question("q", (Message("user", "?"),), metadata={"near": "One.\n\nTwo."})
    distractors = treatments.build("hard_negatives", {"column": "near", "amount": 2}).apply(question, 0).distractors
    assert set(distractors) == {"One.", "Two."}
