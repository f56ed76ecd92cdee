"""The questions that come with Assay: each can be marked, none gives itself away, and the bundled model gets some of them."""

import asyncio
import re
from collections import Counter

import pytest

from experiments.domain.answers import canonical
from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, FinishReason, Message, Question, Target, Verdict
from experiments.graders.base import graders
from experiments.inference.base import Request, backends
from experiments.sources.base import sources
from experiments.sources.shipped_items import TOPICS

CHOICES = graders.build("multiple_choice")
SHORT_ANSWERS = graders.build("first_sentence")
LETTERED = "{question}\n{choices}\nAnswer with one of the letters."


def items(**options):
    return list(sources.build("shipped_items", options).problems())


def question(item) -> Question:
    return Question(item.key, (Message("user", item.question),), item.choices)


def target(item) -> Target:
    return Target(item.answers, item.choices, item.metadata)


def named_in(text: str, words: str) -> bool:
    """Whether the grader of short answers would see the words in the text."""
    return SHORT_ANSWERS.compare(SHORT_ANSWERS.extract(text, Question("q", ())), Target((words,)))[0] == 1


def test_there_are_enough_of_both_kinds_in_each_topic():
    assert len(items()) >= 240
    for kind in ("multiple_choice", "short_answer"):
        by_topic = Counter(item.metadata["topic"] for item in items(kind=kind))
        assert set(by_topic) == set(TOPICS)
        assert min(by_topic.values()) >= 20
        assert len(items(kind=kind, topic="geography")) == by_topic["geography"]


def test_the_first_ones_are_of_all_topics():
    assert Counter(item.metadata["topic"] for item in items()[:50]) == dict.fromkeys(TOPICS, 10)


def test_no_key_and_no_question_is_there_twice():
    assert len({item.key for item in items()}) == len(items())
    assert len({canonical(item.question) for item in items()}) == len(items())


def test_every_item_tells_where_its_fact_comes_from_and_how_hard_it_is():
    for item in items():
        assert item.metadata["source"].strip()
        assert item.metadata["difficulty"] in ("easy", "medium", "hard")
        assert item.question.endswith(("?", "”?", "."))


def test_exactly_one_choice_is_right_and_all_are_different():
    for item in items(kind="multiple_choice"):
        letter, words = item.answers
        assert 3 <= len(item.choices) <= 5
        assert len({canonical(choice) for choice in item.choices}) == len(item.choices)
        # A choice of one letter could be taken for the name of another choice.
        assert not any(len(choice) == 1 and choice.isalpha() for choice in item.choices)
        assert item.choices[ord(letter) - 65] == words
        marks = [
            CHOICES.mark(f"({chr(65 + i)})", FinishReason.STOP, question(item), target(item)) for i in range(len(item.choices))
        ]
        assert [mark.verdict == Verdict.CORRECT for mark in marks] == [choice == words for choice in item.choices]


def test_the_right_choice_stands_in_every_place_equally_often():
    for n in (3, 4, 5):
        places = Counter(item.answers[0] for item in items(kind="multiple_choice") if len(item.choices) == n)
        assert len(places) == n
        assert max(places.values()) - min(places.values()) <= 1


def test_a_short_answer_is_marked_right_alone_and_in_a_sentence_and_does_not_stand_in_its_question():
    for item in items(kind="short_answer"):
        for answer in item.answers:
            assert named_in(f"That would be {answer}, I think.", answer)
            for sentence in re.split(r"(?<=[.:])\s", item.question):
                assert not named_in(sentence, answer), item.question


def test_hard_negatives_do_not_contain_the_answer():
    with_passages = [item for item in items(kind="multiple_choice") if "hard_negatives" in item.metadata]
    assert len(with_passages) >= 60
    for item in with_passages:
        assert 1 <= len(item.metadata["hard_negatives"]) <= 2
        for passage in item.metadata["hard_negatives"]:
            assert len(passage.split()) >= 8
            for sentence in re.split(r"(?<=[.])\s", passage):
                assert not named_in(sentence, item.answers[1]), f"{item.key}: {sentence}"
    assert not any("hard_negatives" in item.metadata for item in items(kind="short_answer"))


def test_an_unknown_topic_is_refused():
    with pytest.raises(InvalidInput, match="given: 'astrology'"):
        sources.build("shipped_items", {"topic": "astrology"})


async def test_the_bundled_model_answers_them_neither_always_nor_never():
    client = await backends.build("llama_cpp").connect()
    decoding = Decoding(temperature=0.8, max_tokens=24)

    async def is_right(item, text: str, grader, seed: int) -> bool:
        generation = await client.generate(Request((Message("user", text),), decoding, seed=seed))
        return grader.mark(generation.text, generation.finish_reason, question(item), target(item)).verdict == Verdict.CORRECT

    def lettered(item) -> str:
        choices = "\n".join(f"{chr(65 + i)}. {choice}" for i, choice in enumerate(item.choices))
        return LETTERED.format(question=item.question, choices=choices)

    try:
        picked, short = items(kind="multiple_choice")[:30], items(kind="short_answer")[:30]
        chosen = await asyncio.gather(*(is_right(item, lettered(item), CHOICES, s) for s, item in enumerate(picked)))
        named = await asyncio.gather(*(is_right(item, item.question, SHORT_ANSWERS, s) for s, item in enumerate(short)))
    finally:
        await client.aclose()
    for verdicts in (chosen, named):
        assert 0 < sum(verdicts) < len(verdicts)
