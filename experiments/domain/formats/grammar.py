"""The formats that one task may be put in."""

import itertools
from functools import cached_property
from math import prod
from typing import get_args

import numpy as np
from pydantic import Field, model_validator

from ..registry import Options
from ..seeds import rng
from .format import Format
from .rules import ENUMERATION, FIELDS, Rule, counts_to, whitespace_only

_SPACES = ("space", "label_space", "item_space")


class Part(Options):
    """A descriptor and the slot whose text follows it."""

    descriptor: str = Field(min_length=1, title="Descriptor", description="Such as Passage")
    slot: str = Field(min_length=1, title="Slot", description="A slot of the dataset's problems")


class Grammar(Options):
    """What a task's prompt is made of; what is left open is its format."""

    fields: tuple[Part, ...] = Field(
        (Part(descriptor="Question", slot="question"),), min_length=1, title="Fields", description="In their order"
    )
    enumerates: bool = Field(True, title="Options listed", description="Whether the problem's choices are listed")
    most_options: int = Field(4, ge=2, le=26, title="Options at most", description="As many as any problem has")
    options_label: str = Field("Options", title="Options' label", description="Before the list; may be empty")
    option_word: str = Field("", title="Option's word", description="Before each number, such as Option; may be empty")
    answer: str = Field("Answer", min_length=1, title="Answer", description="The descriptor that the prompt ends with")
    whitespace_only: bool = Field(False, title="Whitespace only", description="Nothing but whitespace between parts")
    original: Format = Field(Format(), title="Original format", description="The format that the others are compared with")

    @model_validator(mode="after")
    def _original_is_valid(self) -> "Grammar":
        if reason := self.why_invalid(self.original):
            raise ValueError(f"The original format is not valid. {reason}")
        return self

    @cached_property
    def free_choices(self) -> dict[str, tuple[str, ...]]:
        """The names of the constants that this task leaves open, each with all its values."""
        names = ["separator", "space", "casing"]
        if self.enumerates:
            names += ["label_space"] if self.options_label else []
            names += ["item_space", "item_separator", "item_wrapper", "item_number"]
            names += ["option_separator", "option_casing"] if self.option_word else []
        return {name: get_args(Format.model_fields[name].annotation) for name in names}

    def is_valid(self, format: Format) -> bool:
        return not any(rule.broken(format) for rule in self._rules)

    def why_invalid(self, format: Format) -> str:
        """A sentence for every rule that the format breaks, empty for a valid one."""
        return " ".join(dict.fromkeys(rule.sentence for rule in self._rules if rule.broken(format)))

    def n_formats(self) -> int:
        """How many valid formats there are, exactly: constants that no rule joins are counted apart and multiplied."""
        return prod(sum(1 for _ in self._valid(names)) for names in self._joined())

    def sampled(self, n: int, seed: int) -> list[Format]:
        """The original and n others, all different and drawn uniformly; all valid ones where there are no more."""
        if n >= self.n_formats() - 1:
            return list(dict.fromkeys([self.original, *self._valid(tuple(self.free_choices))]))
        generator = rng("formats", seed)
        drawn = {self.original: None}
        while len(drawn) <= n:
            values = {name: values[generator.integers(len(values))] for name, values in self.free_choices.items()}
            format = self.original.model_copy(update=values)
            if self.is_valid(format):
                drawn[format] = None
        return list(drawn)

    def atomic_changes(self, format: Format) -> dict[str, list[Format]]:
        """By name of the constant: the valid formats that differ from this one in that constant alone."""
        return {
            name: [
                changed
                for value in values
                if value != getattr(format, name) and self.is_valid(changed := format.model_copy(update={name: value}))
            ]
            for name, values in self.free_choices.items()
        }

    def changed(self, format: Format, name: str, generator: np.random.Generator) -> Format | None:
        """The format with another value for this constant, None where no other is valid."""
        others = self.atomic_changes(format)[name]
        return others[generator.integers(len(others))] if others else None

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        rules = [*FIELDS, *([*ENUMERATION, counts_to(self.most_options)] if self.enumerates else [])]
        if self.whitespace_only:
            rules += [whitespace_only(name) for name in _SPACES if name in self.free_choices]
        return tuple(rules)

    def _joined(self) -> list[tuple[str, ...]]:
        """The open constants in groups, so that no rule joins two groups."""
        groups = [{name} for name in self.free_choices]
        for rule in self._rules:
            touched = [group for group in groups if group & set(rule.names)]
            groups = [group for group in groups if group not in touched] + [set().union(*touched)]
        return [tuple(group) for group in groups]

    def _valid(self, names: tuple[str, ...]):
        """The valid formats that differ from the original in these constants only."""
        for values in itertools.product(*(self.free_choices[name] for name in names)):
            format = self.original.model_copy(update=dict(zip(names, values, strict=True)))
            if self.is_valid(format):
                yield format
