"""Sentences of pressure: as many and as long for every level, in the system message, before the variant's own."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Message, Question
from experiments.treatments.base import treatments
from experiments.treatments.stress import stress_sentence

ALL = [stress_sentence(level, number) for level in range(1, 11) for number in range(1, 6)]


def test_all_sentences_differ_and_are_as_long_as_the_neutral_one():
    assert len(set(ALL)) == 50
    assert {len(sentence.split()) for sentence in [*ALL, stress_sentence(0, 1)]} == {14}
    assert not any(word in sentence.lower() for sentence in ALL for word in ("question", "answer the", "problem", "calculate"))


@pytest.mark.parametrize(("own", "expected"), [((), ""), ((Message("system", "Be brief."),), "\n\nBe brief.")])
def test_it_stands_before_the_variants_own_system_message(own, expected):
    question = Question("q", (*own, Message("user", "Where?")))
    treated = treatments.build("stress", {"level": 9, "sentence": 2}).apply(question, 0)
    assert treated.messages == (Message("system", stress_sentence(9, 2) + expected), Message("user", "Where?"))


def test_levels_end_at_ten():
    with pytest.raises(InvalidInput, match="Level"):
        treatments.build("stress", {"level": 11})
