"""What it costs to ask several problems at once."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .compared import label_of
from .rest_findings import failures_finding, headline, levels_finding, limits_finding, positions_finding, power_finding
from .rest_results import rest_groups
from .wording import FEWEST_PAIRS, too_few

Level = Annotated[int, Field(ge=2, le=50)]
_MOST_TOKENS = 32768


@studies.register("rest", label="Several problems at once")
class Rest(Study):
    """Put several problems into one prompt and see what is left of the accuracy on single ones, and at which position. REST:
    Stress Testing Large Reasoning Models by Asking Multiple Problems at Once, 2025.

    Every problem is asked once at every position. The limit of tokens is that of the experiment for one problem; for several it
    is multiplied by their number, or kept, which also tells what an answer has to be cut off for.
    """

    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = Field(
        (2, 4), title="Problems in one prompt", description="One number a line; single problems are always asked too"
    )
    limit: Literal["scaled", "constant", "both"] = Field(
        "scaled",
        title="Max tokens",
        description="scaled: times the number of problems; constant: as for one problem; both: two conditions for each level",
    )
    n: int = Field(1, ge=1, le=1000, title="Samples", description="Independent samples per prompt and condition")

    @field_validator("levels")
    @classmethod
    def _each_once(cls, levels: tuple[int, ...]) -> tuple[int, ...]:
        if twice := next((level for level in levels if levels.count(level) > 1), None):
            raise ValueError(f"{twice} is there twice: leave one of the two out")
        return tuple(sorted(levels))

    def arms(self) -> dict[str, tuple[str, int, bool]]:
        """Key -> (label, problems in one prompt, whether the limit of tokens grows with them); single problems first."""
        found = {"n1": ("1 problem", 1, True)}
        for level in self.levels:
            if self.limit != "constant":
                found[f"n{level}"] = (f"{level} problems", level, True)
            if self.limit != "scaled":
                found[f"n{level}_constant"] = (f"{level} problems, limit of one", level, False)
        return found

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant at every level."""
        if not language_models or not variants:
            raise InvalidInput("A study of several problems at once needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(
                f"Several problems at temperature 0: all {self.n} samples would be one text. Raise the temperature, or set "
                "samples to 1."
            )
        most = decoding.max_tokens * max(self.levels)
        if self.limit != "constant" and most > _MOST_TOKENS:
            raise InvalidInput(
                f"{max(self.levels)} problems at {decoding.max_tokens:,} tokens each make {most:,}, and an answer has at most "
                f"{_MOST_TOKENS:,}: lower max tokens, ask fewer problems at once, or keep the limit constant."
            )
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}-{key}",
                label=label_of(language_models, variants, language_model, variant, told),
                language_model=language_model,
                variant=variant,
                decoding=decoding.model_copy(update={"max_tokens": decoding.max_tokens * (level if grows else 1)}),
                strategy=Plugin("pool", {"n": self.n}),
                treatment=Plugin("several_problems", {"problems": level}),
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
            for key, (told, level, grows) in self.arms().items()
        ]

    def check_problems(self, n: int) -> None:
        needed = max(FEWEST_PAIRS, *self.levels)
        if n < needed:
            raise InvalidInput(too_few(n, f"what {max(self.levels)} in one prompt cost", needed))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """What is kept, accuracy by level and by position, what could not be read or was cut off, and how far models differ."""
        groups = rest_groups(conditions, {key: told for key, (told, *_) in self.arms().items()})
        levels = {key: level for key, (_, level, _) in self.arms().items()}
        stressed = [key for key in levels if key != "n1"]
        begun = [group for group in groups if any(group.shared("n1", key) for key in stressed)]
        if not begun:
            told = "No problem is finished both by itself and at every position among others, so there is nothing to compare."
            return [Finding("headline", "Several problems at once", told)]
        main = [key for key in stressed if not key.endswith("_constant")] or stressed
        found = [
            headline(begun, main, rng),
            levels_finding(begun, levels, rng),
            positions_finding(begun, levels, rng),
            failures_finding(begun, rng),
        ]
        found += [limits_finding(begun, self.levels, rng)] if self.limit == "both" else []
        found += [power_finding(begun, levels)] if len(begun) > 1 else []
        return found
