"""Solved problems with their working, at a chosen length, before the question."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from ..domain.types import Message, Question
from .base import Treatment, treatments

SHORTEST, LONGEST = -2, 6


@treatments.register("worked_examples", label="Worked examples of a chosen length")
class WorkedExamples(Treatment):
    """Shows the same solved problems with a longer or shorter working; questions and answers stay the same at every level.

    The Impact of Reasoning Step Length on Large Language Models, 2024. Level k adds k sentences to each working: a term
    explained, the question read again, the state after a step, an equation, a check. Below 0 it is compressed, and every value
    in between stays. Controls: wrong values in between under the same right answer, and off-topic words of equal number.
    An example whose question is the one asked is left out, and the next one taken.
    """

    task: Literal["sums", "last_letters"] = Field("sums", title="Task", description="What the examples are of")
    level: int = Field(
        0, ge=SHORTEST, le=LONGEST, title="Level", description="Sentences added to each working, or how compressed"
    )
    working: Literal["right", "wrong", "filler"] = Field(
        "right", title="Working", description="Right, with wrong values, or with off-topic words in place of the added sentences"
    )
    shots: int = Field(4, ge=1, le=5, title="Examples", description="How many are shown")

    @model_validator(mode="after")
    def _controls_are_of_longer_ones(self):
        if self.level < 0 and self.working != "right":
            raise ValueError("a compressed working has no control: choose a level of at least 0")
        return self

    def apply(self, question: Question, seed: int) -> Question:
        *before, last = question.messages
        asked = question.slots.get("question", last.content).strip()
        usable = [example for example in examples(self.task) if example["question"] != asked][: self.shots]
        shown = "\n\n".join(self._written(example) for example in usable)
        return replace(question, messages=(*before, Message(last.role, f"{shown}\n\n{last.content}")))

    def _written(self, example: dict[str, Any]) -> str:
        working = working_of(example, self.level, self.working)
        return f"Question: {example['question']}\nReasoning: {working}\nAnswer: {example['answer']}"


def working_of(example: dict[str, Any], level: int, kind: str = "right") -> str:
    """The reasoning of a shipped example at a level."""
    if level < 0:
        return example["compressed"][-level - 1]
    sentences = [each for each in example["working"] if each["level"] <= level]
    right = " ".join(each["text"] for each in sentences)
    if kind == "wrong":
        return " ".join(each.get("wrong", each["text"]) for each in sentences)
    if kind == "filler":
        plain = working_of(example, 0)
        return " ".join([plain, *_filler(len(right.split()) - len(plain.split()))])
    return right


def examples(task: str) -> list[dict[str, Any]]:
    return _shipped()[task]


def _filler(n_words: int) -> list[str]:
    """So many off-topic words, in whole sentences but for the last."""
    words = " ".join(_shipped()["filler"]["sentences"]).split()[:n_words]
    return [*words[:-1], words[-1].rstrip(".") + "."] if words else []


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("worked_examples.toml").read_text(encoding="utf-8"))
