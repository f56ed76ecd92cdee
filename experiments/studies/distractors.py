"""What texts that do not help cost, by kind and number."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .compared import compared, label_of
from .distractors_findings import adoption_finding, counts_finding, growth_finding, headline, kinds_finding, mitigation_finding
from .drops import CONTROL, effects_finding, map_finding
from .wording import FEWEST_PAIRS, too_few

Amount = Annotated[int, Field(ge=1, le=20)]
_NOUNS = {"documents": "random documents", "chat": "chats before", "hard": "hard negatives"}
_TREATMENTS = {"documents": "random_documents", "chat": "chat_history", "hard": "hard_negatives"}


@studies.register("distractors", label="Distractors")
class Distractors(Study):
    """Ask the same questions alone and beside texts that do not help: random documents, an irrelevant chat before, hard
    negatives. Lost in the Noise, How Reasoning Models Fail with Contextual Distractors, 2026; texts and amounts are ours.

    All kinds take the same number of words, so that random documents tell what a longer prompt alone does, and hard negatives
    what likeness adds. These come out of the dataset. Prompt and answer together have to fit the model's context.
    """

    reads_outcomes = True

    kinds: Annotated[tuple[Literal["documents", "chat", "hard"], ...], Field(min_length=1)] = Field(
        ("documents", "chat"),
        title="Kinds",
        description="One a line: documents (random ones), chat (irrelevant turns before), hard (passages of the dataset)",
    )
    amounts: Annotated[tuple[Amount, ...], Field(min_length=1)] = Field(
        (1, 2, 4, 8), title="Texts", description="How many are put beside the question, one number a line"
    )
    words: int = Field(40, ge=5, le=42, title="Words of each", description="Longer texts are cut off there")
    position: Literal["before", "between", "after"] = Field(
        "before", title="Position", description="Where documents and hard negatives stand, as the treatments have it"
    )
    column: str = Field(
        "hard_negatives", min_length=1, max_length=100, title="Column", description="Of the metadata, for hard negatives"
    )
    mitigation: bool = Field(
        True,
        title="Against distraction",
        description="At the largest amount also ask to ignore what is irrelevant, and to quote what is used first",
    )
    n: int = Field(4, ge=1, le=1000, title="Samples", description="Independent samples per problem and condition")

    @field_validator("kinds", "amounts")
    @classmethod
    def _each_once(cls, values: tuple) -> tuple:
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise ValueError(f"“{twice}” is there twice: leave one of the two out")
        return values

    def arms(self) -> dict[str, tuple[str, Plugin | None]]:
        """Key -> (label, treatment); the control first."""
        found: dict[str, tuple[str, Plugin | None]] = {
            CONTROL: ("no distractor", None),
            "repeat": ("no distractor, a second time", None),
        }
        for kind in self.kinds:
            for amount in sorted(self.amounts):
                found[f"{kind}_{amount}"] = (f"{_NOUNS[kind]} × {amount}", self._treatment(kind, amount))
            if self.mitigation:
                most = max(self.amounts)
                for ask, told in (("ignore", "ignore what is irrelevant"), ("quote", "quote first")):
                    label = f"{_NOUNS[kind]} × {most}, {told}"
                    found[f"{kind}_{most}_{ask}"] = (label, self._treatment(kind, most, ask))
        return found

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant beside every kind and number of distractors."""
        if not language_models or not variants:
            raise InvalidInput("A study of distractors needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(
                f"Distractors at temperature 0: all {self.n} samples would be one text. Raise the temperature, or set samples "
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
            raise InvalidInput(too_few(n, "what distractors cost"))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The headline, all effects, accuracy and tokens by number, what is taken up, kinds apart, and what helps."""
        groups = compared(conditions, {key: told for key, (told, _) in self.arms().items()})
        lines = {_NOUNS[kind]: {amount: f"{kind}_{amount}" for amount in sorted(self.amounts)} for kind in self.kinds}
        noisy = [key for line in lines.values() for key in line.values()]
        begun = [group for group in groups if any(group.shared(CONTROL, key) for key in noisy)]
        if not begun:
            told = "No problem is finished both with and without distractors, so there is nothing to compare."
            return [Finding("headline", "Distractors", told)]
        found = [
            headline(begun, lines, rng),
            effects_finding(begun, rng),
            counts_finding(begun, lines, rng),
            growth_finding(begun, lines, rng),
            adoption_finding(begun, noisy, rng),
            map_finding(begun, noisy, "Relative drop by distractors", "distractors", rng),
        ]
        found += [kinds_finding(begun, sorted(self.amounts), rng)] if {"documents", "hard"} <= set(self.kinds) else []
        found += [mitigation_finding(begun, [key for key in self.arms() if key.count("_") == 2], rng)] * self.mitigation
        return found

    def _treatment(self, kind: str, amount: int, ask: str = "nothing") -> Plugin:
        params = {"amount": amount, "words": self.words, "ask": ask}
        placed = {} if kind == "chat" else {"position": self.position}
        return Plugin(_TREATMENTS[kind], params | placed | ({"column": self.column} if kind == "hard" else {}))
