"""What verifiers that ask a language model for a written judgement have in common."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import Field, model_validator

from ..domain.templating import render
from ..domain.types import Decoding, Message, Question, Sample
from .base import Verifier, VerifierLab

#: The name of an entry of the language models; forms offer them in a menu.
LanguageModelName = Annotated[str, Field(json_schema_extra={"format": "language-model"})]


class Asks(Verifier):
    """Asks a language model, by itself the one that wrote the text."""

    language_model: LanguageModelName = Field(
        "", title="Judge", description="The language model that is asked; empty asks the one that wrote the text"
    )

    @property
    def judge(self) -> str | None:
        return self.language_model


class WrittenJudge(Asks):
    """Asks for judgements in words, and averages over those that come in the format it asked for."""

    draws: int = Field(1, ge=1, le=100, title="Judgements", description="Asked for each text; the score is their mean")
    temperature: float = Field(0.0, ge=0, le=5, title="Judge's temperature", description="0 always says the likeliest")
    max_tokens: int = Field(256, ge=1, le=32768, title="Judge's max tokens", description="A longer judgement is cut off")

    @model_validator(mode="after")
    def _draws_differ(self):
        if self.draws > 1 and self.temperature == 0:
            raise ValueError(f"at temperature 0 all {self.draws} judgements would be the same: ask once, or raise it")
        return self

    @property
    def decoding(self) -> Decoding:
        return Decoding(temperature=self.temperature, max_tokens=self.max_tokens)

    async def mean_judgement(
        self, prompt: str, read: Callable[[str], float | None], sample: Sample, lab: VerifierLab
    ) -> float | None:
        """The mean of the judgements that `read` understands, None if it understands none; both are counted in the notes."""
        said = await lab.generate((Message("user", prompt),), self.draws, decoding=self.decoding)
        found = [score for each in said if (score := read(each.text)) is not None]
        lab.note(sample, judgements=len(said), unread=len(said) - len(found))
        return sum(found) / len(found) if found else None


def task_of(question: Question) -> str:
    """The problem in the words the model was asked in: what the user said last."""
    return next((message.content for message in reversed(question.messages) if message.role == "user"), "")


def filled_in(template: str, **slots: str) -> str:
    return render(template, slots)


LABELS = {"sure": 1.0, "likely": 0.5, "impossible": 0.0}
_VERDICT = re.compile(r"verdict[\s:=*]{0,5}(sure|likely|impossible)\b", re.IGNORECASE)
_SCORE = re.compile(r"score[\s:=*]{0,5}(-?\d+(?:\.\d+)?)", re.IGNORECASE)


def read_label(text: str) -> float | None:
    """Sure is 1, Likely 0.5, Impossible 0; of several verdicts the last."""
    found = _VERDICT.findall(text)
    return LABELS[found[-1].lower()] if found else None


def read_points(text: str) -> float | None:
    """“Score: 7” is 0.7; of several scores the last. One beyond 0 to 10 is no score."""
    found = _SCORE.findall(text)
    return float(found[-1]) / 10 if found and 0 <= float(found[-1]) <= 10 else None
