"""Another system prompt, or none."""

from dataclasses import replace

from pydantic import Field

from ..domain.types import Message, Question
from .base import Treatment, treatments


@treatments.register("system_prompt", label="System prompt")
class SystemPrompt(Treatment):
    """Takes the place of the variant's own system message; the user's words stay as they are. The text is no template."""

    text: str = Field(
        "",
        max_length=20_000,
        title="System prompt",
        description="Empty for none",
        json_schema_extra={"multiline": True},
    )

    @property
    def writes_system(self) -> bool:
        return bool(self.text)

    def apply(self, question: Question, seed: int) -> Question:
        rest = tuple(message for message in question.messages if message.role != "system")
        return replace(question, messages=(Message("system", self.text), *rest) if self.text else rest)
