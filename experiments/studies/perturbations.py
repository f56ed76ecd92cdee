"""What errors and other noise in the question cost."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, field_validator, model_validator

from ..domain.errors import InvalidInput
from ..domain.perturbing.operations import Name, label, level
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .compared import compared, label_of
from .drops import CONTROL, effects_finding, map_finding
from .perturbations_findings import (
    headline,
    interaction_finding,
    models_finding,
    nothing_yet,
    rates_finding,
)
from .wording import FEWEST_PAIRS, too_few

Percent = Annotated[int, Field(ge=1, le=100)]


@studies.register("perturbations", label="Perturbed questions")
class Perturbations(Study):
    """Ask the same questions clean and with noise in them, and compare problem by problem. The kinds of noise and their mixing
    are those of Revisit Input Perturbation Problems for LLMs, 2023; operations and rates are ours.

    The same prompt a second time shows what chance alone does, a neutral sentence what any further words do. Answers are held
    against the clean problem's target.
    """

    reads_outcomes = True

    operations: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        ("keyboard", "homophone", "verbose"),
        title="Operations",
        description="One a line, as the treatment “Perturbed question” has them",
    )
    rates: Annotated[tuple[Percent, ...], Field(min_length=1)] = Field(
        (5, 10, 20, 40),
        title="Rates in percent",
        description="Shares of the words that may be changed; operations on sentences take the whole question and no rate",
    )
    mixes: tuple[str, ...] = Field(
        ("keyboard + homophone",),
        title="Mixes",
        description="One a line: operations from above joined by “+”, at the largest rate",
    )
    n: int = Field(4, ge=1, le=1000, title="Samples", description="Independent samples per problem and condition")

    @field_validator("operations", "rates")
    @classmethod
    def _each_once(cls, values: tuple) -> tuple:
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise ValueError(f"“{twice}” is there twice: leave one of the two out")
        return values

    @model_validator(mode="after")
    def _mixes_are_of_operations(self):
        for mix in self.mixes:
            parts = _parts(mix)
            if len(set(parts)) < 2 or len(set(parts)) != len(parts):
                raise ValueError(f"“{mix}” is no mix: join at least two different operations by “+”")
            if missing := [part for part in parts if part not in self.operations]:
                raise ValueError(f"the mix “{mix}” needs “{missing[0]}” among the operations, to tell what it costs by itself")
        return self

    def arms(self) -> dict[str, tuple[str, Plugin | None]]:
        """Key -> (label, treatment); the control first."""
        found: dict[str, tuple[str, Plugin | None]] = {
            CONTROL: ("clean", None),
            "repeat": ("clean, a second time", None),
            "neutral": ("neutral sentence", Plugin("placebo", {"n_words": 6})),
        }
        for name in self.operations:
            for rate in self._rates_of(name):
                told = label(name) if level(name) == "sentence" else f"{label(name)} {rate}%"
                found[self.key(name, rate)] = (told, _treatment([name], rate))
        for number, mix in enumerate(self.mixes, start=1):
            told = " + ".join(map(label, _parts(mix)))
            found[f"mix{number}"] = (f"{told} {max(self.rates)}%", _treatment(_parts(mix), max(self.rates)))
        return found

    def key(self, name: Name, rate: int) -> str:
        return name if level(name) == "sentence" else f"{name}_{rate}"

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant under every perturbation."""
        if not language_models or not variants:
            raise InvalidInput("A study of perturbed questions needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(
                f"Perturbed questions at temperature 0: all {self.n} samples would be one text. Raise the temperature, or set "
                "samples to 1."
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
            raise InvalidInput(too_few(n, "what noise costs"))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The headline, all effects, score by rate, operations by model, what mixes add, and the order of the models."""
        groups = compared(conditions, {key: told for key, (told, _) in self.arms().items()})
        noisy = [key for key in self.arms() if key not in (CONTROL, "repeat", "neutral")]
        begun = [group for group in groups if any(group.shared(CONTROL, key) for key in noisy)]
        if not begun:
            return [nothing_yet()]
        lines = {label(name): {rate: self.key(name, rate) for rate in self.rates} for name in self.operations if _has_rates(name)}
        parts = {
            f"mix{number}": [self.key(name, max(self.rates)) for name in _parts(mix)]
            for number, mix in enumerate(self.mixes, start=1)
        }
        found = [headline(begun, noisy, rng), effects_finding(begun, rng)]
        found += [rates_finding(begun, lines, rng)] if lines else []
        found.append(map_finding(begun, noisy, "Relative drop by noise", "noise", rng))
        found += [interaction_finding(begun, parts, rng)] if parts else []
        found += [models_finding(begun, noisy, rng)] if len(begun) > 1 else []
        return found

    def _rates_of(self, name: Name) -> tuple[int, ...]:
        return self.rates if _has_rates(name) else self.rates[-1:]


def _has_rates(name: Name) -> bool:
    return level(name) != "sentence"


def _parts(mix: str) -> list[str]:
    return [part.strip().replace(" ", "_") for part in mix.split("+")]


def _treatment(names: Sequence[str], rate: int) -> Plugin:
    return Plugin("perturbation", {"operations": list(names), "rate": rate})
