"""A grader marks an answer AGAINST the target and says what it extracted and why. Strategies never see one."""

import hashlib
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..domain.answers import Found
from ..domain.registry import Options, Registry
from ..domain.types import FinishReason, Question, Target, Verdict


@dataclass(frozen=True)
class Extraction:
    """What a grader took to be the answer.

    `answer` is the exact text taken, None where nothing was found. `canonical` is its normal form: samples with equal
    canonical answers vote together. `explicit` says that the text marked it as its answer (a box, "Answer:"), rather
    than that it happened to stand last. `complete` says that something ends the answer. Only an answer that is both
    counts in a text that was cut off: "The answer is 1" may have been on its way to 13.
    """

    answer: str | None
    canonical: str | None
    explicit: bool = False
    how: str = ""
    complete: bool = True

    @classmethod
    def of(cls, found: Found | None, canonical: str | None, otherwise: str) -> "Extraction":
        """From what a finder of `domain.answers` returned; `otherwise` is what to say where it found nothing."""
        if found is None:
            return cls(None, None, how=otherwise)
        return cls(found.text, canonical, explicit=found.explicit, complete=found.complete, how=found.how)


@dataclass(frozen=True)
class Mark:
    """One grader's judgement of one sample. `score` is in [0, 1], or None where the verdict is no judgement.

    `details` is what else it found, as plain JSON by name: what kind of failure it was, the verdicts of parts.
    """

    verdict: Verdict
    score: float | None
    extracted: str | None
    canonical: str | None
    explanation: str
    details: dict[str, Any] = field(default_factory=dict)


class Grader(Options):
    """Options are fields. `version` goes up when the same options would mark differently. `can_hang` runs it killable."""

    name: ClassVar[str]
    label: ClassVar[str]
    version: ClassVar[int] = 1
    can_hang: ClassVar[bool] = False

    @classmethod
    def prepare(cls) -> None:
        """Do the slow imports, so that they do not count against a mark's time limit."""

    @abstractmethod
    def extract(self, text: str, question: Question) -> Extraction:
        """Find the answer in the text. Blind to the target."""

    @abstractmethod
    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        """(score in [0, 1], why) for an answer that was found. A score of 1 is correct."""

    def mark(self, text: str, finish_reason: FinishReason, question: Question, target: Target) -> Mark:
        """The whole judgement of one sample; what could not be judged has a verdict of its own."""
        if finish_reason == FinishReason.FAILED:
            return Mark(Verdict.FAILED, None, None, None, "The sample failed; there is no text to grade.")
        found = self.extract(text, question)
        cut_off = finish_reason == FinishReason.LENGTH
        if cut_off and not (found.answer is not None and found.explicit and found.complete):
            return Mark(Verdict.TRUNCATED, None, None, None, "Cut off before it had marked an answer.")
        if found.answer is None:
            return Mark(Verdict.UNPARSED, None, None, None, found.how or "No answer found.")
        score, why = self.compare(found, target)
        verdict = Verdict.CORRECT if score >= 1 else Verdict.WRONG
        return Mark(verdict, score, found.answer, found.canonical, f"{found.how} {why}".strip())


graders: Registry[Grader] = Registry("grader", "experiments.graders")


def quoted(*texts: str) -> str:
    """The texts for an explanation: “one or other”, cut after 100 characters."""
    text = " or ".join(texts)
    return f"“{text if len(text) <= 100 else text[:99] + '…'}”"


def grader_key(grader: Grader) -> str:
    """The name grades are stored under (at most 100 characters): plug-in, version and, where options were set, their hash."""
    options = grader.model_dump_json(exclude_defaults=True)
    digest = hashlib.sha256(options.encode()).hexdigest()[:10]
    return f"{grader.name}.v{grader.version}" + (f".{digest}" if options != "{}" else "")
