"""Whether models keep to a rule as well as they are right, when they are told less or more about a concept."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .cdct_cells import cells_of
from .cdct_findings import jury_finding, lengths_finding, levels_finding, orthogonality_finding, u_shape_finding
from .compared import label_of
from .wording import FEWEST_PAIRS, too_few


@studies.register("cdct", label="Rule and content under compression")
class CDCT(Study):
    """Concept texts cut to five lengths: does the answer keep to its rule, and is it right? Told apart, level by level.

    CDCT: Separating Constraint Compliance from Semantic Accuracy, 2025, with one difference: the model and its judges are told
    the same rule. Its dataset comes from the source “Concepts at five lengths”. Length is counted; whether an answer stays
    inside the text, is true and answers the question is for the three concept judges, each asked of at least three language
    models: a jury. Without a jury only length is told.
    """

    n: int = Field(1, ge=1, le=1000, title="Samples", description="Independent samples per problem and condition")

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant."""
        if not language_models or not variants:
            raise InvalidInput("This study needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(f"At temperature 0 all {self.n} samples would be one text. Raise it, or set samples to 1.")
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}",
                label=label_of(language_models, variants, language_model, variant, "").rstrip(", ") or language_model,
                language_model=language_model,
                variant=variant,
                decoding=decoding,
                strategy=Plugin("pool", {"n": self.n}),
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
        ]

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n, "how a rule is kept"))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The U-shape, both axes by level, lengths against the limit, the jury's agreement, and how the axes go together."""
        begun = [condition for condition in conditions if condition.pools]
        cells = [cell for condition in begun for cell in cells_of(condition)]
        if not cells:
            said = "No problem about a concept is finished yet. The dataset must come from the source “Concepts at five lengths”."
            return [Finding("headline", self.label, said)]
        return [
            u_shape_finding(cells, rng),
            levels_finding(cells, rng),
            lengths_finding(cells, rng),
            jury_finding(begun, rng),
            orthogonality_finding(cells, rng),
        ]
