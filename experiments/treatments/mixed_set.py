"""Paraphrase, wrapping and spelling errors at once."""

from pydantic import Field

from ..domain.seeds import rng
from ..domain.spelling import misspelt
from ..domain.types import Question
from .base import treatments
from .prompt_sets import Prompt, PromptSet, with_user_text
from .template_set import WRAPPERS


@treatments.register("mixed_set", label="Set of prompts: mixed")
class MixedSet(PromptSet):
    """Each further prompt takes one of the run's variants, misspells it, and puts it in one of the wrappings or in none."""

    reads_other_variants = True

    words: int = Field(3, ge=1, le=100, title="Words with an error", description="In each of the further prompts")

    def others(self, question: Question, seed: int) -> list[Prompt]:
        draws = rng(seed, "mixed")
        variants, wrappers = (question.messages, *question.alternatives), (("", ""), *WRAPPERS)
        found = []
        for _ in range(self.prompts - 1):
            prompt, (before, after) = variants[draws.integers(len(variants))], wrappers[draws.integers(len(wrappers))]
            found.append(with_user_text(prompt, before + misspelt(prompt[-1].content, self.words, draws) + after))
        return found
