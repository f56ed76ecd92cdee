"""Another system prompt, or none."""

from experiments.domain.types import Message, Question
from experiments.treatments.base import treatments

USER = Message("user", "3 + 4 =")


def asked(question: Question, text: str) -> tuple[Message, ...]:
    return treatments.build("system_prompt", {"text": text}).apply(question, 1).messages


def test_it_takes_the_place_of_the_variants_own_and_leaves_the_users_words():
    for question in (Question("q", (Message("system", "Be brief."), USER)), Question("q", (USER,))):
        assert asked(question, "Write {{ JSON }}.") == (Message("system", "Write {{ JSON }}."), USER)
        assert asked(question, "") == (USER,)
