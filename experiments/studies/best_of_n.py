"""How accuracy grows with the number of samples, and how much of it each selector can keep."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .analyses.base import Examined, difficulties
from .base import ConditionPools, Finding, Study, studies
from .best_of_n_findings import curves_finding, headline, nothing_yet, pairs_finding
from .coverage_law import coverage_finding
from .measured import Measured
from .pool_analyses import ALL, analysis_findings, build_analyses


@studies.register("best_of_n", label="Best of N")
class BestOfN(Study):
    """Draw one pool of N samples per problem and read every k up to N, under every selector, from it.

    Large Language Monkeys, 2024; Bag of Tricks, 2025. Closed forms where they exist, intervals by resampling problems.
    """

    n: int = Field(16, ge=1, le=10_000, title="Samples (N)", description="Independent samples per problem")
    ks: tuple[int, ...] = Field(
        (), title="Values of k", description="Where the curves have points, up to N; empty for powers of two and N"
    )
    verifier: str = Field(
        "mean_logprob", title="Verifier", description="Whose scores draw “best by” and the weighted vote; the run must use it"
    )

    analyses: tuple[str, ...] = Field(
        (ALL,),
        title="Analyses",
        description="What else to read from the pools, by name; “all” takes every one that they are enough for",
    )
    analysis_options: dict[str, dict[str, Any]] = Field(
        {}, title="Options of analyses", description='By the name of the analysis, for example {"plateau": {"target": 0.8}}'
    )

    @model_validator(mode="after")
    def _analyses_are_known(self):
        build_analyses(self.analyses, self.analysis_options)
        return self

    @model_validator(mode="after")
    def _ks_can_be_drawn(self):
        if wrong := [k for k in self.ks if not 1 <= k <= self.n]:
            raise ValueError(f"every k must be between 1 and N = {self.n}, which {wrong[0]} is not")
        return self

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant, one pool each."""
        if not language_models or not variants:
            raise InvalidInput("Best of N needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(
                f"Best of N at temperature 0: all {self.n} samples would be the same text. Set a temperature above 0, or N to 1."
            )
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}",
                label=_label(language_model, variant, len(language_models), len(variants))[:300],
                language_model=language_model,
                variant=variant,
                decoding=decoding,
                strategy=Plugin("pool", {"n": self.n}),
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
        ]

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The headline, the curves, the comparison of conditions if there are several, the coverage law, and the analyses."""
        seed = int(rng.integers(2**32))  # drawn first, so that a live run's subsets stay the same while its pools grow
        begun = [condition for condition in conditions if condition.pools]
        is_only = len(conditions) == 1
        measured = [Measured.of(each, self._points(each), self.verifier, is_only, seed, rng) for each in begun]
        if not measured:
            return [nothing_yet()]
        found = [headline(measured, self.verifier, rng), curves_finding(measured, self.verifier)]
        if len(measured) > 1:
            found.append(pairs_finding(measured, self.verifier, rng))
        found.append(coverage_finding(measured, rng))
        chosen = build_analyses(self.analyses, self.analysis_options)
        hardness = difficulties([each.pools for each in begun])
        examined = [
            Examined(each.key, measured_one.prefix, each.pools, measured_one.curves.ks, self.verifier, seed, difficulty)
            for each, measured_one, difficulty in zip(begun, measured, hardness, strict=True)
        ]
        return found + analysis_findings(examined, chosen, say_each=ALL not in self.analyses)

    def _points(self, condition: ConditionPools) -> tuple[int, ...]:
        """The ks to draw: those asked for or powers of two, always with 1 and N."""
        n = min(pool.n for pool in condition.pools)
        chosen = self.ks or tuple(2**i for i in range(self.n.bit_length()))
        return tuple(sorted({1, n, *(k for k in chosen if k <= n)}))


def _label(language_model: str, variant: str, n_models: int, n_variants: int) -> str:
    """What tells the condition from the others."""
    if n_models > 1 and n_variants == 1:
        return language_model
    if n_variants > 1 and n_models == 1:
        return variant
    return f"{language_model}, {variant}"
