"""Put the prompt in a format."""

from dataclasses import replace

from pydantic import Field, model_validator

from ..domain.formats.format import Format
from ..domain.formats.grammar import Grammar
from ..domain.formats.relabelling import relabelled
from ..domain.formats.rendering import answer_of, labels_of, rendered
from ..domain.types import Message, Question
from .base import Treatment, treatments


@treatments.register("format", label="Prompt format")
class PromptFormat(Treatment):
    """Writes the problem, and solved ones before it, in one of the formats that mean the same. Quantifying Language Models'
    Sensitivity to Spurious Features in Prompt Design, 2023.

    It takes the place of the prompt variant's user template; the system prompt stays.
    """

    grammar: Grammar = Field(Grammar(), title="Grammar", description="What the task's prompt is made of")
    format: Format = Field(Format(), title="Format", description="The constants of this one format")
    shots: int = Field(0, ge=0, le=100, title="Shots", description="Solved problems shown before the question")
    instruction: str = Field(
        "",
        title="Instruction",
        description="Stands first; lists of labels in it, such as “A or B”, are renumbered with the options",
        json_schema_extra={"multiline": True},
    )

    @model_validator(mode="after")
    def _format_is_of_the_grammar(self) -> "PromptFormat":
        if reason := self.grammar.why_invalid(self.format):
            raise ValueError(f"The format is not valid for this task. {reason}")
        return self

    @property
    def n_demonstrations(self) -> int:
        return self.shots

    def apply(self, question: Question, seed: int) -> Question:
        grammar, format = self.grammar, self.format
        examples = [
            rendered(grammar, format, shown.slots, shown.choices, answer_of(grammar, format, shown))
            for shown in question.demonstrations
        ]
        asked = rendered(grammar, format, question.slots, question.choices)
        instruction = relabelled(self.instruction, grammar.original.item_number, format.item_number)
        text = "\n\n".join([*([instruction] if instruction else []), *examples, asked])
        return replace(
            question,
            messages=(*question.messages[:-1], Message("user", text)),
            labels=labels_of(grammar, format, question.choices),
        )
