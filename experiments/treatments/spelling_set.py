"""The same prompt with spelling errors, a different handful in each."""

from pydantic import Field

from ..domain.seeds import rng
from ..domain.spelling import misspelt
from ..domain.types import Question
from .base import treatments
from .prompt_sets import Prompt, PromptSet, with_user_text


@treatments.register("spelling_set", label="Set of prompts: spelling errors")
class SpellingSet(PromptSet):
    """Every further prompt has errors of its own. The paper's variant type; how many words it changed is not known to us."""

    words: int = Field(3, ge=1, le=100, title="Words with an error", description="In each of the further prompts")

    def others(self, question: Question, seed: int) -> list[Prompt]:
        asked = question.messages[-1].content
        errors = rng(seed, "spelling")
        return [with_user_text(question.messages, misspelt(asked, self.words, errors)) for _ in range(self.prompts - 1)]
