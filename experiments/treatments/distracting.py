"""What treatments share that put texts beside a question that do not help with it. Lost in the Noise, 2026."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from ..domain.seeds import rng
from ..domain.types import Message, Question
from .base import Treatment, with_sentence

#: As long as every shipped text at least, so that all kinds of distractors take the same room.
MOST_WORDS = 42

_ASKED = {
    "ignore": "Some of the text above may have nothing to do with the question: ignore it.",
    "quote": "First quote the words that your answer rests on, then answer.",
}


class Distracting(Treatment):
    """`amount` texts of at most `words` words each, cut off there: kinds of equal amount and words take equal room."""

    amount: int = Field(4, ge=1, le=20, title="Texts", description="How many are put beside the question")
    words: int = Field(
        40,
        ge=5,
        le=MOST_WORDS,
        title="Words of each",
        description="Longer texts are cut off there, so that kinds can be compared",
    )
    ask: Literal["nothing", "ignore", "quote"] = Field(
        "nothing",
        title="Also ask to",
        description="A last sentence against distraction: to ignore what is irrelevant, or to quote what is used first",
    )


class Placed(Distracting):
    """Texts that stand in the user's message itself."""

    position: Literal["before", "between", "after"] = Field(
        "before",
        title="Position",
        description="Before the prompt, between two of its paragraphs (before, where it has but one), or after it",
    )


@cache
def shipped() -> dict[str, Any]:
    """{"passages": [text], "chats": [{"user", "assistant"}]}."""
    return tomllib.loads(Path(__file__).with_name("distractors.toml").read_text())


def drawn(texts: Sequence[Any], n: int, seed: int) -> list[Any]:
    """`n` different ones. Of a smaller amount all are among those of a larger one with the same seed."""
    return [texts[place] for place in rng(seed, "distractors").permutation(len(texts))[:n].tolist()]


def first_words(text: str, n: int) -> str:
    return " ".join(text.split()[:n])


def asked_besides(question: Question, ask: str) -> Question:
    return with_sentence(question, _ASKED[ask]) if ask in _ASKED else question


def put_beside(question: Question, texts: Sequence[str], how: Placed, seed: int) -> Question:
    """The question with the texts as paragraphs of their own."""
    *before, last = question.messages
    paragraphs = _paragraphs(last.content)
    place = {"before": 0, "after": len(paragraphs)}.get(how.position)
    if place is None:
        place = int(rng(seed, "position").integers(1, len(paragraphs))) if len(paragraphs) > 1 else 0
    content = "\n\n".join([*paragraphs[:place], *texts, *paragraphs[place:]])
    treated = replace(question, messages=(*before, Message(last.role, content)), distractors=tuple(texts))
    return asked_besides(treated, how.ask)


def _paragraphs(text: str) -> list[str]:
    """Parts between blank lines; a blank line inside of code parts nothing."""
    found: list[str] = []
    for part in text.split("\n\n"):
        if found and found[-1].count("```") % 2:
            found[-1] += f"\n\n{part}"
        else:
            found.append(part)
    return found
