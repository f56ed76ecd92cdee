"""How much an answer depends on which of several prompts of the same meaning is asked."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .posix_findings import accuracy_finding, factors_finding, flips_finding, headline, kinds_finding, nothing_yet, set_finding
from .posix_sets import KINDS, SetResults
from .wording import FEWEST_PAIRS, too_few

_TREATMENTS = {"spelling": "spelling_set", "templates": "template_set", "paraphrases": "paraphrase_set", "mixed": "mixed_set"}


@studies.register("posix", label="Prompt sensitivity (POSIX)")
class Posix(Study):
    """Put several prompts of the same meaning for each problem: how far does the probability of an answer move when its prompt
    is swapped for another? POSIX: A Prompt Sensitivity Index, 2024, by its formula.

    Answers are the likeliest ones (temperature 0). Keep max tokens small where the answers are short: the paper's authors take 5
    for choices. A language model that cannot tell how likely a given text is has no such index; it is held to how often its
    answers change, under that name.
    """

    reads_outcomes = True

    spelling: bool = Field(True, title="Spelling errors", description="Prompts with a few misspelt words each")
    templates: bool = Field(True, title="Templates", description="The prompt in wrappings such as “Question: … Answer:”")
    paraphrases: bool = Field(
        True, title="Paraphrases", description="The experiment's other prompt variants; left out where it has only one"
    )
    mixed: bool = Field(False, title="Mixed", description="A variant with spelling errors in one of the wrappings")
    prompts: int = Field(
        10,
        ge=2,
        le=50,
        title="Prompts in a set",
        description="For each problem and kind; there are 9 wrappings beside the prompt",
    )
    words: int = Field(3, ge=1, le=100, title="Words with an error", description="In every misspelt prompt")

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every kind of set around the first variant."""
        if not language_models or not variants:
            raise InvalidInput("A study of prompt sensitivity needs at least one language model and one prompt variant.")
        kinds = [kind for kind in KINDS if getattr(self, kind) and not (kind == "paraphrases" and len(variants) < 2)]
        if not kinds:
            raise InvalidInput(
                "No kind of prompts is left to compare: choose spelling errors, templates or mixed, or, for paraphrases, "
                "at least two prompt variants."
            )
        return [
            ConditionSpec(
                key=f"model{i}-{kind}",
                label=", ".join([*([language_model] * (len(language_models) > 1)), KINDS[kind]])[:300],
                language_model=language_model,
                variant=variants[0],
                decoding=decoding.model_copy(update={"temperature": 0.0}),
                strategy=Plugin("prompt_set", {"n": min(self.prompts, len(variants)) if kind == "paraphrases" else self.prompts}),
                treatment=Plugin(_TREATMENTS[kind], self._options(kind)),
            )
            for i, language_model in enumerate(language_models, start=1)
            for kind in kinds
        ]

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n, "what wording does to an answer"))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The index, how often answers change, accuracy, what the index goes with, and one set."""
        begun = [SetResults.of(condition) for condition in conditions if condition.pools]
        if not begun:
            return [nothing_yet()]
        indexed = [each for each in begun if each.is_indexed]
        common = [flips_finding(begun, rng), accuracy_finding(begun, rng)]
        if not indexed:
            return [headline(begun, rng), *common]
        return [headline(begun, rng), kinds_finding(indexed, rng), *common, factors_finding(indexed, rng), set_finding(indexed)]

    def _options(self, kind: str) -> dict[str, int]:
        return {"prompts": self.prompts} | ({"words": self.words} if kind in ("spelling", "mixed") else {})
