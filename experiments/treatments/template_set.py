"""The same prompt in other wrappings, such as "Question: ... Answer:"."""

from ..domain.types import Question
from .base import treatments
from .prompt_sets import Prompt, PromptSet, with_user_text


@treatments.register("template_set", label="Set of prompts: templates")
class TemplateSet(PromptSet):
    """Up to nine wrappings around the prompt, in the same order for every question. The wordings are ours."""

    def others(self, question: Question, seed: int) -> list[Prompt]:
        asked = question.messages[-1].content
        return [with_user_text(question.messages, before + asked + after) for before, after in WRAPPERS]


#: What stands before and after the prompt.
WRAPPERS = (
    ("Question: ", "\nAnswer:"),
    ("Q: ", "\nA:"),
    ("", "\n\nAnswer:"),
    ("Answer the following question.\n\n", ""),
    ("Please answer this: ", ""),
    ("### Question\n", "\n\n### Answer\n"),
    ("<question>\n", "\n</question>"),
    ("Here is a question.\n", "\nWhat is the answer?"),
    ("Task: ", "\nSolution:"),
)
