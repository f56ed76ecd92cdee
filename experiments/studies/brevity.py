"""What asking for shorter answers saves and costs."""

import re
from collections.abc import Sequence

import numpy as np
from pydantic import Field, field_validator

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .brevity_arms import Arm, grouped
from .brevity_compliance import compliance_finding
from .brevity_contamination import contamination_finding
from .brevity_findings import effects_finding, headline, lengths_finding, nothing_yet, slopes_finding
from .brevity_sizes import by_size, of_known_size, size_findings
from .wording import FEWEST_PAIRS, too_few

_CAP = re.compile(r"\s*(\d{1,5})\s+(word|token|sentence)s?\s*")


@studies.register("brevity", label="Brevity")
class Brevity(Study):
    """Ask the same questions with and without a limit on the answer's length, and compare problem by problem.

    Brevity Constraints Reverse Performance Hierarchies in Language Models, 2026. A placebo sentence tells the effect of the
    limit from that of any further sentence. With language models of at least two known sizes, problems are classed by what
    size does to them on one half of the samples, and measured on the other half.
    """

    reads_outcomes = True

    words: int = Field(
        20, ge=1, le=10_000, title="Limit in words", description="The brief condition: an answer of at most so many words"
    )
    more_limits: tuple[str, ...] = Field(
        (), title="Further limits", description="One a line, such as “50 words”, “2 sentences” or “64 tokens”"
    )
    direct: bool = Field(True, title="Direct answers", description="Also ask for the final answer without any working")
    placebo: bool = Field(True, title="Placebo", description="Also add a neutral sentence as long as that of the limit")
    n: int = Field(4, ge=1, le=1000, title="Samples", description="Independent samples per problem and condition")

    @field_validator("more_limits")
    @classmethod
    def _limits_can_be_read(cls, limits: tuple[str, ...]) -> tuple[str, ...]:
        for limit in limits:
            found = _CAP.fullmatch(limit)
            if not found or int(found[1]) < 1:
                raise ValueError(
                    f"“{limit}” is no limit: write a number of at least 1 and words, tokens or sentences, such as “50 words”"
                )
        return limits

    def arms(self) -> list[Arm]:
        """The control first."""
        brief = Arm("brief", f"at most {_counted(self.words, 'word')}", self.words, "words")
        found = [Arm("control", "control")]
        if self.placebo:
            found.append(Arm("placebo", "placebo"))
        found.append(brief)
        if self.direct:
            found.append(Arm("direct", "direct answer", 10, "words"))
        for number, limit in enumerate(self.more_limits, start=1):
            most, unit = _CAP.fullmatch(limit).groups()
            found.append(Arm(f"limit{number}", f"at most {_counted(int(most), unit)}", int(most), f"{unit}s"))
        return found

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant under every limit."""
        if not language_models or not variants:
            raise InvalidInput("A study of brevity needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(
                f"Brevity at temperature 0: all {self.n} samples would be one text. Raise the temperature, or set samples to 1."
            )
        labels = [arm.label for arm in self.arms()]
        if twice := next((label for label in labels if labels.count(label) > 1), None):
            raise InvalidInput(f"The limit “{twice}” is there twice: leave one of the two out.")
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}-{arm.key}",
                label=", ".join(
                    [*([language_model] * (len(language_models) > 1)), *([variant] * (len(variants) > 1)), arm.label]
                )[:300],
                language_model=language_model,
                variant=variant,
                decoding=decoding,
                strategy=Plugin("pool", {"n": self.n}),
                treatment=self._treatment(arm),
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
            for arm in self.arms()
        ]

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The headline, accuracy against length, all effects, who kept to the limits, what size does, and signs of reciting."""
        groups = grouped(conditions, self.arms())
        begun = [group for group in groups if group.shared_problems("control", "brief")]
        if not begun:
            return [nothing_yet()]
        sized = of_known_size(begun)
        return [
            headline(begun, rng),
            lengths_finding(begun, rng),
            effects_finding(begun, rng),
            slopes_finding(begun, rng),
            compliance_finding(begun, rng),
            *size_findings(begun, rng),
            contamination_finding(begun, by_size(sized)[1] if sized else begun, rng),
        ]

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n))

    def _treatment(self, arm: Arm) -> Plugin | None:
        if arm.key == "control":
            return None
        if arm.key == "placebo":
            # “Answer in at most 20 words.” has six words.
            return Plugin("placebo", {"n_words": 6})
        if arm.key == "direct":
            return Plugin("direct_answer", {"most": arm.most})
        return Plugin("length_limit", {"most": arm.most, "unit": arm.unit})


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"
