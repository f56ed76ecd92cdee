"""Begin with a sentence that puts more or less pressure on the reader."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from ..domain.types import Message, Question
from .base import Treatment, treatments


@treatments.register("stress", label="Stress sentence")
class Stress(Treatment):
    """Puts a sentence into the system message, before the variant's own. After StressPrompt: Does Stress Impact Large Language
    Models and Human Performance Similarly?, 2024.

    The sentences are ours and were rated by nobody: the levels are the writer's order, from none to extreme. All have fourteen
    words and say nothing about the task.
    """

    level: int = Field(5, ge=0, le=10, title="Level", description="1 is calm, 10 extreme; 0 is a neutral sentence")
    sentence: int = Field(
        1, ge=1, le=5, title="Sentence", description="What it is about: 1 time, 2 consequences, 3 workload, 4 control, 5 reward"
    )

    @property
    def writes_system(self) -> bool:
        return True

    def apply(self, question: Question, seed: int) -> Question:
        own = [message.content for message in question.messages if message.role == "system"]
        rest = [message for message in question.messages if message.role != "system"]
        text = "\n\n".join([stress_sentence(self.level, self.sentence), *own])
        return replace(question, messages=(Message("system", text), *rest))


def stress_sentence(level: int, number: int) -> str:
    shipped = _shipped()
    return shipped["neutral"] if level == 0 else shipped["levels"][str(level)][number - 1]


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("stress.toml").read_text())
