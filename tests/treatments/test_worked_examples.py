"""Worked examples: longer and shorter workings of the same questions and answers, and their controls."""

import re

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Message, Question
from experiments.statistics.text_measures import n_sentences
from experiments.treatments.base import treatments
from experiments.treatments.worked_examples import LONGEST, SHORTEST, examples, working_of

TASKS = ["sums", "last_letters"]
EVERY = [(task, example) for task in TASKS for example in examples(task)]
WAYS = {"word", "question", "state", "equation", "check"}


def shown(question: str = "3 + 4 =", **options) -> str:
    asked = Question("q", (Message("user", question),), slots={"question": question})
    return treatments.build("worked_examples", options).apply(asked, 0).messages[-1].content


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))


@pytest.mark.parametrize("task", TASKS)
def test_questions_and_answers_are_the_same_at_every_level_and_in_the_controls(task):
    texts = [shown(task=task, level=level) for level in range(SHORTEST, LONGEST + 1)]
    texts += [shown(task=task, level=level, working=kind) for level in (0, 3, 6) for kind in ("wrong", "filler")]
    kept = {tuple(line for line in text.splitlines() if line.startswith(("Question:", "Answer:"))) for text in texts}
    assert len(kept) == 1
    assert len(next(iter(kept))) == 8


@pytest.mark.parametrize(("task", "example"), EVERY)
def test_each_level_adds_a_sentence_and_all_five_ways_of_lengthening_are_used(task, example):
    lengths = [n_sentences(working_of(example, level)) for level in range(LONGEST + 1)]
    assert lengths == list(range(lengths[0], lengths[0] + LONGEST + 1))
    assert {each["by"] for each in example["working"] if "by" in each} == WAYS
    assert n_sentences(working_of(example, -1)) == 1
    assert len(working_of(example, -2)) < len(working_of(example, -1)) < len(working_of(example, 0))


@pytest.mark.parametrize(("task", "example"), [each for each in EVERY if each[0] == "sums"])
def test_a_compressed_working_keeps_every_value(task, example):
    values = numbers_in(example["compressed"][1])
    assert {example["answer"]} < values
    assert all(values <= numbers_in(working_of(example, level)) for level in (-1, 0, 6))


@pytest.mark.parametrize(("task", "example"), [each for each in EVERY if each[0] == "sums"])
def test_the_workings_are_right_and_the_wrong_ones_are_not(task, example):
    a, b = map(int, re.findall(r"\d+", example["question"]))
    assert int(example["answer"]) == a + b
    for sentence in example["working"]:
        for left, right in re.findall(r"([\d +\-]+) = (\d+)", sentence["text"]):
            assert eval(left) == int(right), sentence["text"]
        if sentence.get("by") in ("equation", "check"):
            ((left, right),) = re.findall(r"([\d +\-]+) = (\d+)", sentence["wrong"])
            assert eval(left) != int(right), sentence["wrong"]


@pytest.mark.parametrize(("task", "example"), [each for each in EVERY if each[0] == "last_letters"])
def test_the_letters_are_the_last_ones(task, example):
    words = re.search("“(.*)”", example["question"])[1].split()
    assert example["answer"] == "".join(word[-1] for word in words)
    for word, letter in re.findall(r"“(\w+)” (?:is|ends in) (\w)", working_of(example, 6)):
        assert word.endswith(letter)
    assert not all(word.endswith(letter) for word, letter in re.findall(r"“(\w+)” is (\w)", working_of(example, 0, "wrong")))


@pytest.mark.parametrize("level", [0, 1, 4, 6])
@pytest.mark.parametrize(("task", "example"), EVERY)
def test_the_filler_has_as_many_words_as_what_it_stands_for(task, example, level):
    assert len(working_of(example, level, "filler").split()) == len(working_of(example, level).split())
    assert working_of(example, level, "filler").startswith(working_of(example, 0))


def test_an_example_that_is_the_question_asked_is_not_shown():
    first, *_, last = examples("sums")
    assert f"Question: {last['question']}" not in shown()
    text = shown(first["question"])
    assert text.count("Question: ") == 4
    assert f"Question: {first['question']}" not in text
    assert f"Question: {last['question']}" in text


def test_a_compressed_working_has_no_control():
    with pytest.raises(InvalidInput, match="has no control"):
        treatments.build("worked_examples", {"level": -1, "working": "wrong"})
