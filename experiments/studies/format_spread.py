"""How far accuracy moves when only the format of the prompt does."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ..domain.errors import InvalidInput
from ..domain.formats.grammar import Grammar
from ..domain.types import ConditionSpec, Decoding, Plugin
from ..statistics.power import problems_needed
from .base import Ask, ConditionPools, Finding, Results, Study, studies
from .format_spread_changes import changes_findings
from .format_spread_exhaustive import exhaustive_findings
from .format_spread_formats import FormatList, listed
from .format_spread_groups import grouped
from .format_spread_models import models_findings
from .format_spread_search import FormatSearch
from .format_spread_searched import searched_findings
from .format_spread_split import Split
from .wording import FEWEST_PAIRS

#: What the advice on the number of problems goes by: formats 10 points apart that answer a quarter of the problems differently.
_APART, _DIFFERING = 0.10, 0.25


@studies.register("format_spread", label="Format spread")
class FormatSpread(Study):
    """Put the same problems in many formats that mean the same, and tell how far accuracy moves.

    Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design, 2023. Of a prompt variant the system text
    is used; the user's message is written by the format: instruction, solved problems, the problem. The spread is shown
    beside the one that equally good formats would have by chance, and the best and the worst format are compared on problems
    that had no say in picking them. The exhaustive mode asks everything. Thompson sampling looks for the best and the worst
    format on a budget; a few independent draws are asked for together, so that the model is kept busy.
    """

    works_by_condition = True
    groups = {
        "Formats": ("grammar", "instruction", "shots", "n_formats", "seed"),
        "Search": ("mode", "budget", "pull", "at_once"),
        "Reading the results": ("n_paths", "held_out", "threshold"),
    }

    grammar: Grammar = Field(Grammar(), title="Grammar", description="What the task's prompt is made of and what is left open")
    instruction: str = Field(
        "",
        title="Instruction",
        description="Stands first in every format; lists of labels in it are renumbered with the options",
        json_schema_extra={"multiline": True},
    )
    shots: int = Field(5, ge=0, le=100, title="Shots", description="Solved problems shown first, the same for all formats")
    n_formats: int = Field(40, ge=1, le=500, title="Formats", description="Sampled ones, beside the original")
    seed: int = Field(0, ge=0, title="Seed of the formats", description="Draws formats, paths and the order of the problems")
    mode: Literal["exhaustive", "thompson"] = Field(
        "exhaustive", title="Mode", description="Ask every format every problem, or look for the best and the worst"
    )
    budget: int = Field(2000, ge=2, title="Budget", description="Answers that Thompson sampling may ask for before it ends")
    pull: int = Field(5, ge=1, le=1000, title="Pull", description="Problems that a drawn format is asked at a time")
    at_once: int = Field(8, ge=1, le=64, title="Draws at once", description="Independent draws that are asked for together")
    n_paths: int = Field(
        5, ge=0, le=300, title="Paths", description="Formats of which one constant is changed, then another; exhaustive mode only"
    )
    held_out: float = Field(
        0.5, ge=0.2, le=0.8, title="Held out", description="Share of the problems that only measure the best and the worst"
    )
    threshold: float = Field(
        2.0, ge=0, le=100, title="Reversal threshold", description="Points by which a model must lead under a format to count"
    )

    @model_validator(mode="after")
    def _budget_pays_for_both_directions(self) -> "FormatSpread":
        if self.is_adaptive and self.budget < 2 * self.pull:
            raise ValueError(f"A budget of {self.budget} does not pay for one pull of {self.pull} upwards and one downwards.")
        return self

    @property
    def is_adaptive(self) -> bool:
        return self.mode == "thompson"

    @cached_property
    def formats(self) -> FormatList:
        return listed(self.grammar, self.n_formats, 0 if self.is_adaptive else self.n_paths, self.seed)

    @property
    def split(self) -> Split:
        return Split(self.seed, self.held_out)

    @property
    def search(self) -> FormatSearch:
        return FormatSearch(tuple(self.formats.sampled), self.split, self.budget, self.pull, self.at_once)

    def check_problems(self, n: int) -> None:
        fewest = math.ceil(FEWEST_PAIRS / min(self.held_out, 1 - self.held_out))
        if n < fewest:
            good = math.ceil(problems_needed(_APART, _DIFFERING) / self.held_out / 10) * 10
            shown = f", the {self.shots} shown as solved not counted" if self.shots else ""
            raise InvalidInput(
                f"{n} problem{'s are' if n != 1 else ' is'} too few for intervals over formats{shown}. Take at "
                f"least {fewest}, so that {FEWEST_PAIRS} are left to measure what the others pick; "
                f"about {good} tell two formats apart that differ by {_APART * 100:.0f} points."
            )

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant's system text in every format."""
        if not language_models or not variants:
            raise InvalidInput("A study of formats needs at least one language model and one prompt variant.")
        if len(self.formats.sampled) < 2:
            raise InvalidInput("The grammar leaves nothing open: it has one format only.")
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}-{key}",
                label=", ".join(
                    [*([language_model] * (len(language_models) > 1)), *([variant] * (len(variants) > 1)), self.formats.name(key)]
                ),
                language_model=language_model,
                variant=variant,
                decoding=decoding,
                strategy=Plugin("pool", {"n": 1}),
                treatment=Plugin("format", self._treatment(key)),
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
            for key in self.formats.all
        ]

    def n_asks(self, n_conditions: int, n_problems: int) -> int:
        everything = super().n_asks(n_conditions, n_problems)
        if not self.is_adaptive:
            return everything
        return min(everything, n_conditions // len(self.formats.sampled) * self.search.most(n_problems))

    def allocate(self, results: Results, problems: Sequence[str]) -> list[Ask]:
        asks = []
        for group in dict.fromkeys(key.rpartition("-")[0] for key in results):
            by_format = {key: results[f"{group}-{key}"] for key in self.formats.sampled}
            _, wanted = self.search.replayed(group, by_format, problems)
            asks += [Ask(f"{group}-{key}", problem) for key, problem in wanted]
        return asks

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The headline first; then best and worst, what did not follow the format, single changes, and the models."""
        groups = grouped(conditions)
        if self.is_adaptive:
            return searched_findings(groups, self.grammar, self.formats, self.search, rng)
        return [
            *exhaustive_findings(groups, self.grammar, self.formats, self.split, rng),
            *changes_findings(groups, self.formats, rng),
            *models_findings(groups, self.formats, self.threshold / 100, rng),
        ]

    def _treatment(self, key: str) -> dict:
        return {
            "grammar": self.grammar.model_dump(mode="json"),
            "format": self.formats.all[key].model_dump(mode="json"),
            "shots": self.shots,
            "instruction": self.instruction,
        }
