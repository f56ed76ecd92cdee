"""The problem in the words of the other prompt variants that the experiment chose."""

from ..domain.errors import InvalidInput
from ..domain.types import Question
from .base import treatments
from .prompt_sets import Prompt, PromptSet


@treatments.register("paraphrase_set", label="Set of prompts: paraphrases")
class ParaphraseSet(PromptSet):
    """Whether variants mean the same is for whoever wrote them to say; they are not checked."""

    reads_other_variants = True

    def others(self, question: Question, seed: int) -> list[Prompt]:
        if not question.alternatives:
            raise InvalidInput("A set of paraphrases needs a second prompt variant: choose at least two in the experiment.")
        return list(question.alternatives)
