"""What treatments share that put further prompts of the same meaning beside a question's own. POSIX, 2024."""

from abc import abstractmethod
from dataclasses import replace

from pydantic import Field

from ..domain.types import Message, Question
from .base import Treatment

Prompt = tuple[Message, ...]


class PromptSet(Treatment):
    """The question's own prompt stays as it is; strategies that ask more than one prompt find the others beside it."""

    prompts: int = Field(
        10, ge=2, le=50, title="Prompts in a set", description="At most so many for one question, its own included"
    )

    def apply(self, question: Question, seed: int) -> Question:
        return replace(question, alternatives=tuple(self.others(question, seed))[: self.prompts - 1])

    @abstractmethod
    def others(self, question: Question, seed: int) -> list[Prompt]:
        """Prompts that ask the same. Raises InvalidInput where there are none."""


def with_user_text(prompt: Prompt, text: str) -> Prompt:
    """The prompt with other words in its last message, which is the user's."""
    return (*prompt[:-1], Message(prompt[-1].role, text))
