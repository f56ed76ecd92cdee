"""A reply that a program can use: valid under a JSON schema, and right in the field of the answer."""

import json
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, model_validator

from ..domain.answers import visible
from ..domain.json_contract import CONTRACT, complaint_about, repaired, satisfies, strictly_parsed, violations
from ..domain.json_failures import Failure, failure_of
from ..domain.types import FinishReason, Question, Target, Verdict
from .base import Extraction, Grader, Mark, graders


@graders.register("json_contract", label="JSON contract")
class JsonContract(Grader):
    """Right if the whole reply is JSON that keeps the contract and its answer is right, both at once. When Correct Isn't Usable:
    Structured Output Reliability in Small Language Models, 2026.

    Details tell the two apart: `valid`; `right_strict`, the answer read from its field; `right`, that or else the best that can
    be read of the reply; `failure`, the kind of a reply that cannot be used; `repaired`, whether it is valid after mending.
    """

    # A schema may have patterns that take for ever, and so may mending.
    can_hang = True

    comparison: Literal["numeric", "exact", "multiple_choice"] = Field(
        "numeric", title="Comparison", description="The grader that compares the answer with the target, with its usual options"
    )
    answer_field: str = Field("answer", min_length=1, max_length=100, title="Field of the answer", description="Its name")
    contract: dict[str, Any] | None = Field(
        None, title="JSON schema", description="What a reply must satisfy; empty for a reasoning text and an answer"
    )

    @model_validator(mode="after")
    def _contract_can_be_kept(self):
        if complaint := complaint_about(self.schema_to_keep, self.answer_field):
            raise ValueError(complaint)
        return self

    @property
    def schema_to_keep(self) -> dict[str, Any]:
        return CONTRACT if self.contract is None else self.contract

    def extract(self, text: str, question: Question) -> Extraction:
        """From the field of a reply that keeps the contract; nothing of any other."""
        reply = visible(text)
        if failure := self._failure(reply, False, question):
            return Extraction(None, None, how=f"Cannot be used: {failure}.")
        found = self._read(strictly_parsed(reply)[self.answer_field], question)
        return replace(found, explicit=True, complete=True, how=f"Valid; read “{self.answer_field}”.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        return self._usual.compare(extraction, target)

    def mark(self, text: str, finish_reason: FinishReason, question: Question, target: Target) -> Mark:
        mark = super().mark(text, finish_reason, question, target)
        if finish_reason == FinishReason.FAILED:
            return mark
        reply = visible(text)
        is_strictly_right = mark.verdict == Verdict.CORRECT
        mended = repaired(reply)
        details = {
            "valid": satisfies(reply, self.schema_to_keep),
            "right_strict": is_strictly_right,
            "right": is_strictly_right or self._is_right_somehow(reply, mended, finish_reason, question, target),
            "failure": self._failure(reply, finish_reason == FinishReason.LENGTH, question) or "",
            "repaired": mended is not None and violations(mended, self.schema_to_keep) == [],
        }
        return replace(mark, details=details)

    def _failure(self, reply: str, was_cut_off: bool, question: Question) -> Failure | None:
        return failure_of(
            reply,
            was_cut_off,
            self.schema_to_keep,
            self.answer_field,
            lambda value: self._read(value, question).answer is not None,
        )

    def _is_right_somehow(self, reply: str, mended: Any, finish_reason: FinishReason, question: Question, target: Target) -> bool:
        """By the answer's field after mending, or where that holds no answer, by the whole reply as plain text."""
        if isinstance(mended, dict) and self.answer_field in mended:
            found = self._read(mended[self.answer_field], question)
            if found.answer is not None:
                return self._usual.compare(found, target)[0] >= 1
        return self._usual.mark(reply, finish_reason, question, target).verdict == Verdict.CORRECT

    def _read(self, value: Any, question: Question) -> Extraction:
        return self._usual.extract(value if isinstance(value, str) else json.dumps(value), question)

    @property
    def _usual(self) -> Grader:
        return graders.build(self.comparison)
