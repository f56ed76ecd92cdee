"""What it takes to get answers out of a model in a form that a program can use."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from ..domain.errors import InvalidInput
from ..domain.json_contract import CONTRACT, bounded, complaint_about
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .structured_arms import ARMS, ArmResults, has_details
from .structured_findings import (
    failures_finding,
    headline,
    latency_finding,
    no_details,
    nothing_yet,
    parts_finding,
    tests_finding,
)
from .wording import FEWEST_PAIRS, too_few

REFERENCE = 'Reply with one JSON object with two fields: "reasoning", a string, and "answer", a string or a number.'

#: Written by hand, see the class.
OPTIMISED = """{"reasoning": "20 + 5 = 25", "answer": 25}
{"reasoning": "9 - 6 = 3", "answer": 3}
{"reasoning": "Paris is the capital of France", "answer": "Paris"}
{"reasoning": "7 + 1 = 8", "answer": 8}
{"reasoning": "5 - 4 = 1", "answer": 1}
{"reasoning": "8 + 6 = 14", "answer": 14}
Write one more line of JSON like these for the problem. Write only that line."""


@studies.register("structured_output", label="Structured output")
class StructuredOutput(Study):
    """Ask for JSON in five ways and count only replies that are right and valid at once. When Correct Isn't Usable: Structured
    Output Reliability in Small Language Models, 2026; the prompts and the failure kinds are ours.

    The arms differ in the system prompt, which takes the place of the variant's own, and in whether decoding is constrained to
    the contract. The optimised prompt was written by hand against the failure kinds, on generated sums of another seed, and not
    found by the paper's optimiser; for other models and tasks write your own, or let `manage.py optimise_prompt` search one.
    Use the grader “JSON contract”. Whether quantisation breaks the contract shows with two language models of the same weights,
    quantised differently.
    """

    reads_outcomes = True

    reference_prompt: str = Field(
        REFERENCE,
        min_length=1,
        max_length=20_000,
        title="Reference prompt",
        description="The system prompt of the arm “reference”: a short instruction",
        json_schema_extra={"multiline": True},
    )
    optimised_prompt: str = Field(
        OPTIMISED,
        min_length=1,
        max_length=20_000,
        title="Optimised prompt",
        description="The system prompt of the arm “optimised”: better written without the problems that are asked here",
        json_schema_extra={"multiline": True},
    )
    constrained: bool = Field(
        True, title="Constrained arms", description="Also hold decoding to the contract; the model must take a JSON schema"
    )
    most_characters: int = Field(
        200, ge=10, le=1000, title="Longest text", description="Characters of each text field under constrained decoding"
    )
    contract: dict[str, Any] | None = Field(
        None, title="JSON schema", description="What decoding is held to; empty for the grader's usual one, else give it the same"
    )
    n: int = Field(1, ge=1, le=1000, title="Samples", description="Replies per problem and arm")

    @model_validator(mode="after")
    def _contract_is_a_schema(self):
        if self.contract is not None and (complaint := complaint_about(self.contract)):
            raise ValueError(complaint)
        return self

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with the first variant in every arm."""
        if not language_models or not variants:
            raise InvalidInput("A study of structured output needs at least one language model and one prompt variant.")
        if len(variants) > 1:
            raise InvalidInput("A study of structured output brings its own system prompts: choose one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(
                f"Structured output at temperature 0: all {self.n} samples would be one text. Raise it, or set samples to 1."
            )
        held = decoding.model_copy(update={"json_schema": bounded(self.contract or CONTRACT, self.most_characters)})
        prompts = {"reference": self.reference_prompt, "both": self.reference_prompt, "optimised": self.optimised_prompt}
        arms = [arm for arm in ARMS if self.constrained or arm not in ("constrained", "both")]
        return [
            ConditionSpec(
                key=f"model{i}-{arm}",
                label=", ".join([*([language_model] * (len(language_models) > 1)), ARMS[arm]])[:300],
                language_model=language_model,
                variant=variants[0],
                decoding=held if arm in ("constrained", "both") else decoding,
                strategy=Plugin("pool", {"n": self.n}),
                treatment=Plugin("system_prompt", {"text": prompts.get(arm, "")}),
            )
            for i, language_model in enumerate(language_models, start=1)
            for arm in arms
        ]

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n, "the difference between two arms"))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """Usable replies, what the rest lacks, which arms differ, how replies fail, and what time the arms take."""
        begun = [condition for condition in conditions if condition.pools]
        if not begun:
            return [nothing_yet()]
        if not any(map(has_details, begun)):
            return [no_details()]
        arms = [ArmResults.of(condition) for condition in begun]
        found = [headline(arms, rng), parts_finding(arms, rng), tests_finding(arms, rng)]
        return [*found, failures_finding(arms, rng), latency_finding(arms, rng)]
