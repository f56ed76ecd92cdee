"""Whether accuracy rises and falls with the pressure that a prompt puts on."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, field_validator

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .compared import compared, label_of
from .drops import CONTROL
from .stress_findings import headline, length_finding, levels_finding, neutral_finding
from .wording import FEWEST_PAIRS, too_few

#: What the sentences of a level are about, in the order of the treatment's.
TOPICS = ("time", "consequences", "workload", "control", "reward")


@studies.register("stress", label="Stress levels")
class Stress(Study):
    """Put sentences of ten levels of pressure before the same questions, several for each level, beside a neutral sentence and
    none. After StressPrompt: Does Stress Impact Large Language Models and Human Performance Similarly?, 2024.

    The sentences and their levels are ours and were rated by nobody, so that nothing is said about what people would feel. The
    unit is the sentence: an inverted U is claimed only where two lines, split at the peak, disagree significantly (Simonsohn,
    2018).
    """

    reads_outcomes = True

    levels: Annotated[tuple[Annotated[int, Field(ge=1, le=10)], ...], Field(min_length=4)] = Field(
        tuple(range(1, 11)), title="Levels", description="From 1 (calm) to 10 (extreme), one a line; at least four for a curve"
    )
    sentences: int = Field(
        5, ge=2, le=5, title="Sentences for each level", description="About time, consequences, workload, control and reward"
    )
    n: int = Field(1, ge=1, le=1000, title="Samples", description="Independent samples per problem and condition")

    @field_validator("levels")
    @classmethod
    def _each_once(cls, levels: tuple[int, ...]) -> tuple[int, ...]:
        if twice := next((level for level in levels if levels.count(level) > 1), None):
            raise ValueError(f"{twice} is there twice: leave one of the two out")
        return tuple(sorted(levels))

    def arms(self) -> dict[str, tuple[str, Plugin | None]]:
        """Key -> (label, treatment); those without stress first."""
        found: dict[str, tuple[str, Plugin | None]] = {
            CONTROL: ("no sentence", None),
            "repeat": ("no sentence, a second time", None),
            "neutral": ("neutral sentence", Plugin("stress", {"level": 0})),
        }
        for level in self.levels:
            for number in range(1, self.sentences + 1):
                params = {"level": level, "sentence": number}
                found[f"s{level}_{number}"] = (f"level {level}, {TOPICS[number - 1]}", Plugin("stress", params))
        return found

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant under every sentence."""
        if not language_models or not variants:
            raise InvalidInput("A study of stress levels needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(
                f"Stress levels at temperature 0: all {self.n} samples would be one text. Raise the temperature, or set samples "
                "to 1."
            )
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}-{key}",
                label=label_of(language_models, variants, language_model, variant, told),
                language_model=language_model,
                variant=variant,
                decoding=decoding,
                strategy=Plugin("pool", {"n": self.n}),
                treatment=treatment,
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
            for key, (told, treatment) in self.arms().items()
        ]

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n, "what a sentence does"))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """Whether there is an inverted U, accuracy by level, every level against the neutral sentence, and lengths."""
        groups = compared(conditions, {key: told for key, (told, _) in self.arms().items()})
        keys = {level: [f"s{level}_{number}" for number in range(1, self.sentences + 1)] for level in self.levels}
        everything = [key for found in keys.values() for key in found]
        begun = [group for group in groups if group.shared(*everything)]
        if not begun:
            told = "No problem is finished under every sentence yet, so there is no curve."
            return [Finding("headline", "Stress levels", told)]
        return [
            headline(begun, keys),
            levels_finding(begun, keys, rng),
            neutral_finding(begun, keys, rng),
            length_finding(begun, keys, rng),
        ]
